"""How each job is done: one function a spec, ``(spec, services, ctx) -> answer``."""

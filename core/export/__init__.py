"""Accepted masks as files for others: one small exporter each, in a registry."""

"""One module for each revision of the schema; a module that was released is never edited."""

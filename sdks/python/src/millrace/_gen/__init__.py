"""Generated code: written by tools/generate, never by hand."""

"""Log files: reading them back, unpacking, compressing, rotating by a function.

Read `parse` first, then `json_lines`, `unpack`, `archiver` and `rotating`.
"""

"""Settings of Sphinx. Nothing of the site comes from the network: the theme uses the reader's own fonts."""

from forensics.version import VERSION

project = "otadiff"
author = "The otadiff authors"
copyright = author
release = version = VERSION

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
smartquotes = False  # a log line is shown as the device prints it
highlight_language = "text"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
maximum_signature_line_length = 80
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"otadiff {VERSION}"
html_static_path = ["theme"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
pygments_style = "friendly"
pygments_dark_style = "monokai"

"""What people read: the view model, the site, the PDF, Markdown."""

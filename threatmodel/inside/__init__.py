"""What runs inside the confined process: a model file to a `Project`, and the form in which it goes to the parent."""

import ast


def value(text):
    # ruleid: python-eval-input
    first = eval(text)

    # ruleid: python-eval-input
    exec(text, {})

    # ok: python-eval-input
    second = ast.literal_eval(text)

    # ok: python-eval-input
    return first, second, eval("1 + 1")

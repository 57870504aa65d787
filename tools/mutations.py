"""The small changes that make a mutant: what a student in a hurry gets wrong in one place of a right answer."""

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.Mod: (ast.Mult,),
}
# Names of functions and methods, and what they are mistaken for.
ALIKE = {
    "mean": ("sum", "median"),
    "sum": ("mean",),
    "min": ("max",),
    "max": ("min",),
    "amin": ("amax",),
    "amax": ("amin",),
    "argmin": ("argmax",),
    "argmax": ("argmin",),
    "log": ("exp", "log2"),
    "exp": ("log", "expm1"),
    "sigmoid": ("tanh",),
    "softplus": ("relu",),
    "logsigmoid": ("sigmoid",),
    "logsumexp": ("sum",),
    "sqrt": ("square",),
    "square": ("abs",),
    "any": ("all",),
    "all": ("any",),
    "std": ("var",),
    "var": ("std",),
    "round": ("floor", "ceil"),
    "floor": ("ceil",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "rand": ("randn",),
    "randn": ("rand",),
    "randperm": ("arange",),
    "sorted": ("list",),
}
IN_PLACE = {
    "clamp",
    "add",
    "sub",
    "mul",
    "div",
    "exp",
    "log",
    "sigmoid",
    "sqrt",
    "square",
    "round",
    "neg",
    "abs",
    "clip",
}
NETWORKS = {"G", "D", "generator", "discriminator", "judge"}
LEFT_ALONE = {"strict"}  # keywords that change nothing while the answer is right


@dataclass(frozen=True)
class Mutant:
    """A changed answer. code: of its whole cell. shown: the changed statement, on one line."""

    code: str
    shown: str


def mutants_of(cell: str, first: int, last: int) -> list[Mutant]:
    """Every mutant of what stands in lines first to last of a cell, each once; none that equals the answer."""
    tree = ast.parse(cell)
    nodes = list(ast.walk(tree))
    spared = {id(node.value) for node in nodes if isinstance(node, ast.keyword) and node.arg in LEFT_ALONE}
    seen, found = {ast.unparse(tree)}, []
    for place, node in enumerate(nodes):
        if id(node) in spared or not (hasattr(node, "lineno") and first <= node.lineno <= last):
            continue
        for changed in _changes(node, nodes):
            copy = deepcopy(tree)
            target = list(ast.walk(copy))[place]
            statement = _replace(copy, target, deepcopy(changed))
            code = ast.unparse(ast.fix_missing_locations(copy))
            if code not in seen:
                seen.add(code)
                found.append(Mutant(code, statement))
    for name in sorted(_parameters(tree, first) & NETWORKS):
        found.append(_with_first_line(tree, first, f"{name}.eval()"))
        found.append(_with_first_line(tree, first, f"{name}.requires_grad_(False)"))
    return found


def _changes(node: ast.AST, nodes: list[ast.AST]) -> Iterator[ast.AST | None]:
    """What may stand in a node's place; None for nothing, where it is a statement."""
    match node:
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            for other in dict.fromkeys((value + 1, value - 1, 2 * value, value / 2, 1.1 * value, 0, 1, -value)):
                if other != value:
                    whole = isinstance(value, int) and float(other).is_integer()
                    yield ast.Constant(int(other) if whole else other)
        case ast.Constant(value=str() as value):
            for other in sorted({n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}):
                if other != value and "\n" not in other and len(other) < 30:
                    yield ast.Constant(other)
        case ast.Compare(left=left, ops=[operator], comparators=rest):
            for other in COMPARISONS.get(type(operator), ()):
                yield ast.Compare(left, [other()], rest)
        case ast.BinOp(left=left, op=operator, right=right):
            for other in OPERATORS.get(type(operator), ()):
                yield ast.BinOp(left, other(), right)
            yield left
            yield right
            if isinstance(operator, ast.Sub | ast.Div | ast.Pow | ast.MatMult):
                yield ast.BinOp(right, operator, left)
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            yield from values
        case ast.IfExp(body=body, orelse=other):
            yield body
            yield other
        case ast.Call():
            yield from _calls(node)
        case ast.Tuple(elts=[first, second], ctx=ast.Load()):
            yield ast.Tuple([second, first], ast.Load())
        case ast.Subscript(value=value, ctx=ast.Load()):
            yield value
        case ast.Attribute(value=value, ctx=ast.Load()):
            yield value
        case ast.Name(id=name, ctx=ast.Load()):
            for other in sorted(_names(nodes) - {name}):
                yield ast.Name(other, ast.Load())
        case ast.AugAssign(target=target, op=operator, value=value):
            for other in OPERATORS.get(type(operator), ()):
                yield ast.AugAssign(target, other(), value)
            yield None
        case ast.If(body=body, orelse=other):
            yield ast.If(ast.Constant(True), body, other)
            yield ast.If(ast.Constant(False), body, other)
        case ast.Expr() | ast.Assign():
            yield None


def _calls(call: ast.Call) -> Iterator[ast.AST]:
    function, arguments, keywords = call.func, call.args, call.keywords
    name = getattr(function, "attr", getattr(function, "id", ""))

    def named(other: str) -> ast.AST:
        renamed = deepcopy(function)
        setattr(renamed, "attr" if isinstance(function, ast.Attribute) else "id", other)
        return ast.Call(renamed, arguments, keywords)

    for other in ALIKE.get(name, ()):
        yield named(other)
    if name in IN_PLACE and isinstance(function, ast.Attribute):
        yield named(f"{name}_")
    if isinstance(function, ast.Attribute):
        yield function.value  # x.mean() to x
    if arguments and not isinstance(arguments[0], ast.Starred):
        yield arguments[0]  # f(x) to x
    if len(arguments) >= 2:
        yield ast.Call(function, [arguments[1], arguments[0], *arguments[2:]], keywords)
        yield ast.Call(function, arguments[:-1], keywords)
    for place, keyword in enumerate(keywords):
        if keyword.arg not in LEFT_ALONE:
            yield ast.Call(function, arguments, keywords[:place] + keywords[place + 1 :])


def _names(nodes: list[ast.AST]) -> set[str]:
    """The parameters and variables of the answer: what one may write in another's place."""
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stored | {n.arg for n in nodes if isinstance(n, ast.arg)}


def _parameters(tree: ast.AST, line: int) -> set[str]:
    function = _function_at(tree, line)
    return {argument.arg for argument in function.args.args} if function else set()


def _function_at(tree: ast.AST, line: int) -> ast.FunctionDef | None:
    inside = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.lineno <= line <= n.end_lineno]
    return inside[-1] if inside else None


def _with_first_line(tree: ast.AST, line: int, added: str) -> Mutant:
    """The answer with one statement more, in front of all others."""
    copy = deepcopy(tree)
    body = _function_at(copy, line).body
    begin = next(place for place, statement in enumerate(body) if statement.lineno >= line)
    body.insert(begin, ast.parse(added).body[0])
    return Mutant(ast.unparse(ast.fix_missing_locations(copy)), f"{added} at the start")


def _replace(tree: ast.AST, target: ast.AST, changed: ast.AST | None) -> str:
    """Put `changed` where `target` stands in the tree; the statement around it as it reads then, on one line."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, field, changed)
            elif isinstance(value, list) and any(one is target for one in value):
                place = next(i for i, one in enumerate(value) if one is target)
                if changed is None:
                    removed = _line(target)
                    value[place] = ast.Pass()
                    return f"without {removed}"
                value[place] = changed
    around = changed if isinstance(changed, ast.stmt) else None
    for node in ast.walk(tree):  # the innermost statement comes last
        if isinstance(node, ast.stmt) and any(child is changed for child in ast.walk(node)):
            around = node
    return _line(around)


def _line(statement: ast.AST) -> str:
    """A statement on one line, of a compound one its head, all white space single."""
    text = ast.unparse(ast.fix_missing_locations(statement))
    if hasattr(statement, "body"):
        text = text.split("\n")[0]
    return " ".join(text.split())

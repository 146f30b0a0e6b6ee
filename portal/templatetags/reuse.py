"""What reads the same on every document of a page is rendered once."""

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.template.loader_tags import BlockNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST = 500  # texts that one place keeps


class Reused(template.Node):
    def __init__(self, values: list[FilterExpression], inside: NodeList) -> None:
        self._values = values
        self._inside = inside
        self._texts: dict[tuple[object, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(value.resolve(context) for value in self._values))
        text = self._texts.get(key)
        if text is None:
            if len(self._texts) >= MOST:
                self._texts.clear()
            text = self._texts[key] = self._inside.render(context)
        return text


@register.tag
def reuse(parser: Parser, token: Token) -> Reused:
    """`{% reuse value … %}…{% endreuse %}`: rendered once for these values and the active language, then repeated.

    The values must be hashable, and be all that is read inside.
    """
    _name, *values = token.split_contents()
    inside = parser.parse(("endreuse",))
    parser.delete_first_token()
    if inside.get_nodes_by_type(BlockNode):
        raise TemplateSyntaxError("No block may stand inside of reuse: the first page's would be on all others.")
    return Reused([parser.compile_filter(value) for value in values], inside)

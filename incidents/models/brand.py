"""How a page looks like its company: the picture; colours and the picture's measures are the page's own fields."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.catalogue import Page


class Logo(models.Model):
    """The bytes of a page's logo, apart from it: whoever reads a page seldom wants them."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="logo", verbose_name=_("page"))
    content = models.BinaryField()

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")

    def __str__(self) -> str:
        return str(self.page)

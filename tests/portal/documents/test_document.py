"""The headers in which one document departs from the others."""

from portal.documents.document import BROTLI, FRESH, GZIP, LASTING, make_document, security_headers

BODY = b"Everything works. " * 40
POLICY = (("frame-ancestors", ("'self'", "https://shop.example.org")),)


def headers_of(document, encoding=""):
    return dict((document.variant(encoding) if encoding else document.plain).headers)


def policy_of(document):
    components = headers_of(document)["Content-Security-Policy"].split("; ")
    return {name: sources for name, _space, sources in (component.partition(" ") for component in components)}


def test_a_policy_of_its_own_replaces_only_what_it_names():
    own, usual = policy_of(make_document(BODY, policy=POLICY)), policy_of(make_document(BODY))

    assert own == {**usual, "frame-ancestors": "'self' https://shop.example.org"}
    assert usual["frame-ancestors"] == "'none'"


def test_the_headers_of_all_others_are_made_once():
    assert security_headers() is security_headers()


def test_how_long_it_may_be_kept_holds_in_every_encoding_and_for_those_who_have_it():
    document = make_document(BODY, caching=LASTING)

    variants = [document.plain, document.variant(GZIP), document.variant(BROTLI)]

    assert {dict(reply.headers)["Cache-Control"] for one in variants for reply in (one.full, one.not_modified)} == {
        LASTING
    }
    assert headers_of(make_document(BODY), GZIP)["Cache-Control"] == FRESH


def test_only_what_is_open_may_be_shown_on_pages_that_keep_everything_else_out():
    assert headers_of(make_document(BODY, is_open=True))["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Cross-Origin-Resource-Policy" not in headers_of(make_document(BODY))

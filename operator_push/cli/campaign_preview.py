"""operator-push campaign preview: what people of an audience would read, and what it would cost.

Shown is only what at least as many people get as a count needs, each text with one of them by a pseudonym
that is made for this one preview, so that no two previews of one person can be laid side by side.
"""

import hashlib
from typing import Any

import click

from operator_push.cli.audience_answering import count_for, pseudonym_key
from operator_push.cli.personal_values import checked_texts, values_argument, values_for, with_own_columns
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.quote_command import message_fields, quote_for, share_percent
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.text_options import offer_options, text_or_variants, text_terms
from operator_push.config import Settings
from operator_push.domain.consent import SMS
from operator_push.domain.personal.template import LINK_MARK
from operator_push.domain.personal.texts import CampaignTexts
from operator_push.domain.short_links import specimen
from operator_push.kernel.money import format_micros
from operator_push.kernel.pseudonym import brand_pseudonym

SHOWN_MAX = 50


@click.command()
@offer_options
@click.option(
    "--size", type=click.IntRange(1, SHOWN_MAX), default=10, show_default=True, help=f"1..{SHOWN_MAX} texts."
)
@json_option
@with_settings
def preview(
    settings: Settings,
    as_json: bool,
    rule: str,
    account: str,
    category: int,
    source: str,
    text: str | None,
    size: int,
    **options: Any,
) -> None:
    """Show a text as people of the audience would read it, its segments and its price.

    Nothing is ordered. Shown are texts that at least as many people get as a count needs, the most frequent
    first, with shares in steps of 5 %; what fewer get stays hidden, and so does who gets what. The last one
    is what everybody reads of whom nothing is known, or permitted.
    """
    terms = with_own_columns(settings, account, rule, text_terms(options))
    said = text_or_variants(text, terms)
    with server_of(settings) as server:
        asked = {"account": account, "category": category, "source": source, "text": said}
        texts = checked_texts(settings, server, asked, terms)
        found = count_for(settings, server, rule, account, category, terms.get("channel") or SMS)
        values = values_for(settings, server, texts, found, found.shown)
        told = quote_for(server, found, source, said, terms=terms, shown=size, **values_argument(values))
        payer = server.call("account.show", name=account)["account"]
    told["currency"], host = str(payer["currency"]), str(payer.get("terms", {}).get("link_host") or "")
    people, key = len(found.shown), pseudonym_key(settings)
    once = f"{found.brand} preview {hashlib.sha256(repr((found.rule.text, texts)).encode()).hexdigest()}"
    shown = [each for each in told.pop("texts") if each["people"] >= found.floor]
    told["previews"] = [
        {
            "pseudonym": brand_pseudonym(key, once, each["one"]),
            "text": each["text"],
            "segments": each["segments"],
            "message_micros": each["message_micros"],
            "percent": share_percent(each["people"], people),
        }
        for each in shown
    ]
    hidden = people - sum(each["people"] for each in shown)
    told["other_texts_percent"] = share_percent(hidden, people)
    told["where_nothing_is_known"] = [_plain(texts, text, host) for text in texts.all_texts()]
    if as_json:
        print_json(told)
        return
    _print(told)


def _plain(texts: CampaignTexts, text: str, host: str) -> str:
    return texts.filled(text).replace(LINK_MARK, specimen(host, 1))


def _print(told: dict[str, Any]) -> None:
    currency = told["currency"]
    for each in told["previews"]:
        price = f"{each['segments']} segments, {format_micros(each['message_micros'], 4)} {currency}"
        print_fields([(each["pseudonym"], each["text"]), ("", f"{price}, for {each['percent']} %")])
    for text in told["where_nothing_is_known"]:
        print_fields([("nothing known", text)])
    print_fields(
        [
            ("other texts", f"for {told['other_texts_percent']} %: each for too few to be shown"),
            *message_fields(told),
            ("people", f"{told['count']:,}"),
            ("at most", f"{format_micros(told['at_most_micros'])} {currency}"),
        ]
    )

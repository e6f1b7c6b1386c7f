"""`fillrate messages`: look at what customers are told, and take the templates to write them anew."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from deployments.cli.terminal import AsJson, print_json, say
from fillrate.report.messages.facts import Kind, made_up
from fillrate.settings import StoreSettings, load, settings_file

app = typer.Typer(help="What customers are told.", no_args_is_help=True, rich_markup_mode=None)


@app.command("preview")
def preview(
    kind: Annotated[Kind, typer.Argument(help="Which message.")],
    language: Annotated[str, typer.Option(help="en, de, or one that you have templates for.")] = "",
    html: Annotated[Path | None, typer.Option(help="Write the HTML into this file, to be opened in a browser.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a message with made-up facts, in your own templates where [mail] names a folder of them."""
    from fillrate.report.messages.render import render  # loads Jinja2, which no other command needs

    settings = load() if settings_file().exists() else None
    store = settings.store if settings else StoreSettings()
    mail = settings.mail if settings else None
    facts = made_up(kind, store=store.name, timezone=store.timezone)
    spoken = language or (mail.language if mail else "en")
    message = render(kind, facts, language=spoken, folder=mail.templates if mail else None)
    if html:
        html.write_text(message.html, encoding="utf-8")
    if as_json:
        print_json({"kind": kind, **msgspec.structs.asdict(message)})
    else:
        say(
            *(
                [f"There are no templates for {spoken}; it is written in English.", ""]
                if message.language != spoken
                else []
            )
        )
        say(f"Subject: {message.subject}", "", *message.text.splitlines())
        say(*([f"The HTML is in {html}"] if html else []))


@app.command("templates")
def write_templates(
    folder: Annotated[Path, typer.Option("--write", help="Where to; files that are there stay as they are.")],
    as_json: AsJson = False,
) -> None:
    """Copy the templates that come with Fillrate into a folder, to be edited there."""
    from fillrate.report.messages.sandbox import templates

    written, kept = [], []
    for name, text in templates().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("x", encoding="utf-8") as opened:
                opened.write(text)
            written.append(name)
        except FileExistsError:
            kept.append(name)
    if as_json:
        print_json({"folder": str(folder), "written": written, "kept": kept})
    else:
        say(f"{len(written)} files written to {folder}; {len(kept)} were there and stay as they are.")
        say('Delete those that you do not change, and name the folder in [mail] of fillrate.toml: templates = "…"')

"""The headers by which the columns of a version table are known, in English and eleven other languages.

Each line is an English header and, after the colon, its translations. The order is that of preference;
a translation ranks as its English header, so that a translated table is read as its English twin.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING

from krow_versions.changelog.cells import bare, plain
from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

_DATE = """
date: 日期/时间/時間/日付/날짜/fecha/data/datum/дата
release date: 发布日期/發布日期/发布时间/發布時間/更新日期/更新时间/更新時間/修订日期/修訂日期/修改日期
    /变更日期/變更日期/リリース日/公開日/更新日/改訂日/変更日/출시일/배포일/date de sortie/date de version
    /fecha de lanzamiento/fecha de versión/fecha de la versión/data de lançamento/data da versão
    /releasedatum/release-datum/data di rilascio/дата выпуска/дата релиза/дата выхода/data wydania
released: publié le/lançado em/publicado/veröffentlicht/veröffentlicht am/rilasciato
released on:
date released:
date of release:
publication date: date de publication/fecha de publicación/data de publicação/veröffentlichungsdatum
    /erscheinungsdatum/data di pubblicazione/publicatiedatum/дата публикации/data publikacji
published:
published on:
day:
when:
"""
_VERSION = """
version: 版本/バージョン/版/버전/versión/versão/fassung/versione/versie/версия/wersja
version number: 版本号/版本號/バージョン番号/版数/버전 번호/numéro de version/n° de version
    /número de versión/nº de versión/número da versão/número de versão/versionsnummer/versionsnr
    /numero di versione/versienummer/номер версии/numer wersji
version no:
ver:
release: 发布/發布/リリース/релиз/wydanie
release version: 发布版本/發布版本/发行版本/發行版本
revision: 修订号/修訂號/修订版/修訂版/révision/revisión/revisão/revisione/revisie/ревизия/rewizja
rev:
tag:
"""
_CHANGE = """
change: 变更/變更/更改/修改/改动/改動/変更/변경/changement/cambio/mudança/alteração/modificação/änderung
    /aenderung/modifica/wijziging/изменение/zmiana
changes: 变化/變化/変更点/변경 사항/변경사항/changements/évolutions/cambios/mudanças/alterações/änderungen
    /aenderungen/modifiche/cambiamenti/wijzigingen/изменения/zmiany
change description: 变更内容/變更內容/变更说明/變更說明/变更描述/變更描述/修改内容/修改內容/修改说明
    /修改說明/修订内容/修訂內容/修订说明/修訂說明/更新内容/更新內容/更新说明/更新說明/変更内容/改訂内容
    /修正内容/변경 내용/변경내용/description du changement/description de la modification
    /descripción del cambio/descripción de cambio/descrição da mudança/descrição da alteração
    /descrição da modificação/änderungsbeschreibung/beschreibung der änderung/descrizione della modifica
    /descrizione modifica/beschrijving van de wijziging/описание изменения/opis zmiany
description of change:
description of changes: description des changements/description des modifications/descripción de los cambios
    /descripción de cambios/descrição das mudanças/descrição das alterações/beschreibung der änderungen
    /descrizione delle modifiche/descrizione modifiche/beschrijving van de wijzigingen/описание изменений
    /opis zmian
change log: 变更记录/變更記錄/修改记录/修改記錄/更新记录/更新記錄/変更履歴/journal des modifications
    /journal des changements/registro de cambios/registro de alterações/registro de mudanças
    /änderungsprotokoll/registro delle modifiche/журнал изменений/rejestr zmian
changelog: 变更日志/變更日誌/更新日志/更新日誌/修改日志/修改日誌
change summary: 变更摘要/變更摘要/变更概要/變更概要/変更概要/résumé des changements/résumé des modifications
    /resumen de cambios/resumo das mudanças/resumo das alterações
summary of change:
summary of changes:
what changed: ce qui a changé/qué cambió/o que mudou/was hat sich geändert/cosa è cambiato/что изменилось
    /co się zmieniło
what's new: 新增内容/新增內容/nouveautés/novedades/novidades/neuerungen/was ist neu/novità/что нового
    /co nowego
modification: modificación
modifications: modificaciones/modificações
main changes: 主要变更/主要變更/主要变化/主要變化/主要更新/主要修改/主要内容/主要內容/主な変更/主な変更点
    /주요 변경 사항/principaux changements/principales modifications/principales cambios/cambios principales
    /principais mudanças/principais alterações/wichtigste änderungen/wichtige änderungen
    /modifiche principali/cambiamenti principali/belangrijkste wijzigingen/основные изменения/główne zmiany
key changes: 关键变更/關鍵變更/重要变更/重要變更/核心变更/核心變更
description: 描述/说明/說明/説明/内容/內容/설명/내용/descripción/descrição/beschreibung/descrizione
    /beschrijving/omschrijving/описание/opis
summary: 摘要/概要/概述/요약/résumé/resumen/resumo/zusammenfassung/riepilogo/sommario/samenvatting
    /podsumowanie
release notes: 发布说明/發布說明/リリースノート/notes de version/notas de la versión/notas de versión
    /notas da versão/versionshinweise/note di rilascio/примечания к выпуску
notes: 注释/notas/notizen/anmerkungen/hinweise/примечания/notatki
note: nota/notiz/anmerkung/примечание
comments: commentaires/comentarios/kommentare/commenti/opmerkingen/комментарии/komentarze
comment: commentaire/comentario/kommentar/commento/opmerking/komentarz
remarks: 备注/備註/備考/비고/remarques/observaciones/observações/bemerkungen/bemerkung/osservazioni/uwagi
details: 详情/詳情/详细/詳細/détails/detalles/detalhes/dettagli/подробности/szczegóły
highlights: 亮点/亮點
features: 功能/特性/機能/기능/fonctionnalités/funcionalidades/funktionen/funzionalità/функции/funkcje
new features: 新功能/新特性/新機能/nouvelles fonctionnalités/nuevas funciones/nuevas funcionalidades
    /novas funcionalidades/neue funktionen/nuove funzionalità/новые функции/nowe funkcje
key features: 关键特性/關鍵特性/主要特性/主要功能/重点功能/重點功能
"""
# The date in Portuguese, Italian and Polish, but something else in English.
_FALSE_FRIEND = "data"

_PARENTHESIS = regex(r"\([^)]*+(?:\)|(?P<open>\Z))")
_WIDE_PARENTHESIS = regex(r"（[^）]*+(?:）|(?P<open>\Z))")
_MARKS = regex(r"[*`~]+")
_SPACES = regex(r"[\s_]+")


@frozen
class ColumnHeaders:
    """The headers of one column.

    Args:
        name: the column, as errors name it.
        words: per English header, the preferred one first, its translations.
    """

    name: str
    words: dict[str, tuple[str, ...]]

    def rank(self, key: str) -> int | None:
        """Return the rank of a header's key, 0 for the best; None if it is not of this column.

        A header of several words (``版本 / version``) has the rank of the best, if all are of this column.
        """
        ranks = [self._ranks.get(part, -1) for part in _parts(key)]
        return None if -1 in ranks else min(ranks)

    def translates(self, key: str) -> bool:
        """Whether the header with this key is in another language."""
        return self.rank(key) is not None and not any(part in self.words for part in _parts(key))

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {
            _folded(word): rank
            for rank, (english, others) in enumerate(self.words.items())
            for word in (english, *others)
        }


def _parts(key: str) -> list[str]:
    return [part.strip() for part in key.split("/")]


def header_keys(header: Sequence[str]) -> tuple[str, ...]:
    """Reduce the cells of a header to their words: ``**Release_Date** (UTC):`` to ``release date``.

    ``Data`` has no key where no other header is in another language.
    """
    keys = [_header_key(cell) for cell in header]
    foreign = any(column.translates(key) for column in COLUMNS for key in keys if key != _FALSE_FRIEND)
    return tuple("" if key == _FALSE_FRIEND and not foreign else key for key in keys)


def _header_key(cell: str) -> str:
    text = _MARKS.sub("", plain(cell))
    for pattern in (_PARENTHESIS, _WIDE_PARENTHESIS):  # What is not closed ends with the text, and is kept.
        text = pattern.sub(lambda match: "" if match["open"] is None else match[0], text)
    text = bare(text)
    return _folded(_SPACES.sub(" ", text.replace("\u2019", "'")))


def _folded(text: str) -> str:
    """Remove case, accents and width, in which spellings of a word differ."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _words(text: str) -> dict[str, tuple[str, ...]]:
    lines = [line.split(":") for line in text.replace("\n    ", "").strip().split("\n")]
    return {english: tuple(filter(None, others.strip().split("/"))) for english, others in lines}


COLUMNS = (
    ColumnHeaders("Date", _words(_DATE)),
    ColumnHeaders("Version", _words(_VERSION)),
    ColumnHeaders("Change", _words(_CHANGE)),
)

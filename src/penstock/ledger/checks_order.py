"""Checks of which opportunity a row belongs to and in what order its versions stand."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from penstock.ledger.violations import Check, CheckContext, blank, complete, phrase, versions, violations

# So many opportunities, and so large a share of all, changed at one instant are a mass update.
BULK_COUNT: Final = 50
BULK_SHARE: Final = 20  # one in twenty


def _missing_id(history: ir.Table, context: CheckContext) -> ir.Table:
    t = complete(history)
    rows = t.filter(blank(t["opportunity_id"])).mutate(opportunity_id=ibis.null("string"))
    return violations(rows, ibis.literal("the row has no opportunity id"))


def _missing_effective_at(history: ir.Table, context: CheckContext) -> ir.Table:
    t = complete(history)
    return violations(t.filter(t["effective_at"].isnull()), ibis.literal("the row has no instant from which it holds"))


def _undecidable_order(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    return violations(
        t.filter(t.tied_seq & ~t.same_as_previous),
        phrase("another version has the same instant and the same seq {}, and differs", t.seq),
    )


def _ties_by_rows(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    by_rows = t.seq_assumed | ibis.literal(context.seq_from_rows)
    return violations(
        t.filter(t.tied & ~t.tied_seq & ~t.same_as_previous & by_rows),
        ibis.literal("another version has the same instant; the later row of the file was taken as the later version"),
    )


def _identical_versions(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    return violations(t.filter(t.same_as_previous), ibis.literal("nothing differs from the version before"))


def _ids_alike(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    first = t.filter(t.version == 0)
    trimmed = first.opportunity_id.strip()
    # In Salesforce's 15-character ids case tells records apart; their 18-character form only adds a checksum.
    salesforce = trimmed.startswith("006") & trimmed.length().isin([15, 18])
    first = first.mutate(key=ibis.ifelse(salesforce, trimmed.left(15), trimmed.lower().re_replace(r"\s+", "")))
    alike = first.group_by("key").aggregate(spelled=first.opportunity_id.min(), ids=first.count())
    alike = alike.filter(alike.ids > 1).drop("ids")
    found = first.join(alike, "key")
    return violations(
        found.filter(found.opportunity_id != found.spelled),
        phrase("'{}' may be the same opportunity as '{}'", found.opportunity_id, found.spelled),
    )


def _single_version(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    return violations(t.filter((t.version == 0) & t["last"]), phrase("its only version is {}", t.status), t.status)


def _bulk_edits(history: ir.Table, context: CheckContext) -> ir.Table:
    t = versions(history)
    every = t.filter(t.version == 0).count().name("every").as_table()
    instants = t.group_by("effective_at").aggregate(rows=t.count())
    instants = instants.filter(instants.rows >= BULK_COUNT).drop("rows")
    touched = t.join(instants, "effective_at").select("opportunity_id", "effective_at", "amount", "currency")
    counted = touched.group_by("effective_at").aggregate(changed=touched.opportunity_id.nunique())
    many = counted.cross_join(every)
    many = many.filter((many.changed >= BULK_COUNT) & (many.changed * BULK_SHARE >= many.every)).select(
        "effective_at", "changed", "every"
    )
    found = touched.join(many, "effective_at")
    return violations(
        found,
        phrase("{} of {} opportunities have a version at this very instant", found.changed, found.every),
        found.effective_at.cast("string"),
    )


CHECKS: Final = (
    Check(
        "missing_id",
        "error",
        "Rows without an opportunity id",
        "The rows belong to no opportunity and are in no figure; every pipeline figure may lack money.",
        "Give the rows their id in opportunity_id, or map the right column with --map opportunity_id=COLUMN.",
        _missing_id,
        "history",
    ),
    Check(
        "missing_effective_at",
        "error",
        "Rows without an instant",
        "The rows cannot be put into the order of their opportunity and are in no figure.",
        "Fill in effective_at, or map the column that says when the version became true with --map effective_at=COLUMN.",
        _missing_effective_at,
        "history",
    ),
    Check(
        "undecidable_order",
        "error",
        "Different versions at one instant with the same seq",
        "Which came last cannot be known: status, amount and close date from then on can go either way.",
        "Add a seq column that grows with each change, or export the instants to the microsecond.",
        _undecidable_order,
    ),
    Check(
        "ties_by_row_order",
        "note",
        "Ties at one instant were broken by the order of the rows",
        "Were the file sorted otherwise, the opportunity could end in another state and move in another direction.",
        "Add a seq column that grows with each change, so that the order is in the data.",
        _ties_by_rows,
    ),
    Check(
        "identical_versions",
        "note",
        "Versions in which nothing changed",
        "No money moves. Counts of versions and of changes are higher than what people did.",
        "Nothing needs to be done; drop the repeated rows to make the file smaller.",
        _identical_versions,
    ),
    Check(
        "ids_alike",
        "warning",
        "Ids that differ only by case, white space or the long form of a Salesforce id",
        "One opportunity may be counted as two: its money twice in the pipeline, its movements torn apart.",
        "Write the id the same way in every row; prefer Salesforce's 18-character ids.",
        _ids_alike,
    ),
    Check(
        "single_version",
        "note",
        "Opportunities with one version only",
        "They have no history: changes in value, pushes and stage moves cannot be seen.",
        "Give the history of their fields with --history FILE, if the source keeps one.",
        _single_version,
    ),
    Check(
        "bulk_edits",
        "note",
        "Many opportunities changed at the very same instant",
        "An import, a mass update or a snapshot: its movements fall into one window though they were decided at other times.",
        "Read the waterfall of that window with this in mind, or put the true instants into effective_at.",
        _bulk_edits,
        subject_is_instant=True,
    ),
)

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/capture/capturespec.h"

namespace tidemark::capturesql {

// The statements of a capture's life, each list in order and to be run in one transaction. They do nothing but what they
// say: locks that queue others are the business of whoever runs them.

/// The log, the table of truncations and the trigger functions, in schema tidemark, which must exist. Touches no table of
/// anybody else. The role that runs it owns them; writers of the source need no right on any of it. The log has no sequence,
/// which would change what lastval() tells a writer, and no index: neither batches nor truncations go by order.
[[nodiscard]] QStringList install(const CaptureSpec &spec);

/// The triggers on the source and its partitions, firing for replicated writes too. SHARE ROW EXCLUSIVE on each: it
/// waits for the writers under way, so that every transaction that is not captured is over when it returns.
[[nodiscard]] QStringList enable(const CaptureSpec &spec);

/// The same for partitions that came later: triggers on these alone.
[[nodiscard]] QStringList enableOn(const CaptureSpec &spec, const std::vector<pg::QualifiedName> &partitions);

/// Takes the triggers off. ACCESS EXCLUSIVE on each.
[[nodiscard]] QStringList disable(const CaptureSpec &spec);

/// Drops functions, log and truncations; the triggers must be off.
[[nodiscard]] QStringList uninstall(const CaptureSpec &spec);

/// Gives the trigger functions of an installed capture the mirror's bodies. No lock on the source: a statement under way
/// ends as it began, and its keys are in the log.
[[nodiscard]] QStringList startMirror(const CaptureSpec &spec, const CaptureMirror &mirror);

/// Gives them back their own.
[[nodiscard]] QStringList stopMirror(const CaptureSpec &spec);

/// In one transaction with the indexes that follow it: deletes all logged keys from a target, or a part of it, that has
/// none yet, in one pass, and keeps the log. A copy by ranges of ctid reads each row at its own time; a row that an UPDATE moved
/// may have been copied twice or not at all, and is in the log. Afterwards no key is there twice, so that unique indexes
/// can be built; nor is a unique value that moved from one key to another. What TRUNCATE took is left to reconcile: what
/// came after it is in the log, and without that the rest is unique.
[[nodiscard]] QStringList purge(const CaptureSpec &spec, const pg::QualifiedName &target);

/// The names of the trigger functions, without their schema, and the trigger's name for one of them.
[[nodiscard]] QStringList functionNames(const CaptureSpec &spec);
[[nodiscard]] QString triggerName(const QString &function);

/// Building blocks shared with reconcile and proof: "k1", "k2" …; the columns of a list, each behind an alias; the
/// equality of a table's key columns with a log's (or with the same columns of another table).
[[nodiscard]] QString logColumns(const CaptureSpec &spec, const QString &alias = {});
[[nodiscard]] QString keyColumns(const std::vector<KeyColumn> &key, const QString &alias);
[[nodiscard]] QString columnList(const QStringList &columns, const QString &alias = {});
[[nodiscard]] QString keyMatchesLog(const CaptureSpec &spec, const QString &alias, const QString &logAlias);
[[nodiscard]] QString keyMatchesKey(const std::vector<KeyColumn> &key, const QString &alias, const QString &otherAlias);

} // namespace tidemark::capturesql

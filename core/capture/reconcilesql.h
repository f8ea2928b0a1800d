// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/capture/capturespec.h"

#include <QByteArray>

namespace tidemark {
struct ReconcileSpec;
}

namespace tidemark::reconcilesql {

/// Which entries of the log a statement means.
enum class Scope {
    Batch, ///< those up to the place $1 of the log, a tid
    All,
};

/// What a reconciling transaction sets for itself, after its BEGIN and before its snapshot.
[[nodiscard]] QByteArray prologue(const ReconcileSpec &spec);
/// Besides, for what looks keys up one by one: nobody keeps statistics of the log, and a plan made for thousands of entries
/// reads the whole target for a handful.
[[nodiscard]] QByteArray lookUpKeys();
/// Takes both back, for a transaction that goes on.
[[nodiscard]] QByteArray epilogue(const ReconcileSpec &spec);
/// Tries the transaction's lock on the capture: one column `locked`.
[[nodiscard]] QByteArray tryLock(const CaptureSpec &spec);
/// What it is called when another has it.
[[nodiscard]] Error busy(const CaptureSpec &spec);
/// `isolation` and `locked`: whether this transaction keeps writers off the source.
[[nodiscard]] QByteArray checkLocked(const CaptureSpec &spec);

/// Takes the conditions of truncations out of their table: one column `condition`.
[[nodiscard]] QByteArray takeTruncations(const CaptureSpec &spec);
/// Where a batch of $1 entries ends: no row where the log has fewer.
[[nodiscard]] QByteArray endOfBatch(const CaptureSpec &spec);
[[nodiscard]] QByteArray deleteRows(const ReconcileSpec &spec, const pg::QualifiedName &target, Scope scope);
[[nodiscard]] QByteArray insertRows(const ReconcileSpec &spec, Scope scope);
[[nodiscard]] QByteArray forget(const CaptureSpec &spec, Scope scope);
/// `pending`, `oldest`, `now`, `truncations`.
[[nodiscard]] QByteArray lag(const CaptureSpec &spec);

} // namespace tidemark::reconcilesql

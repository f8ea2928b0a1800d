// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/capture/contentproof.h"

#include <QByteArray>

namespace tidemark::proofsql {

enum class Side { Source, Target };

/// What waits in the capture of a snapshot; its rows prove nothing.
struct Unsettled
{
    qint64 entries = 0;
    qint64 rows = 0; ///< of the source, an estimate; nothing where it was never analysed
    /// To look the waiting keys up and take them off costs less than asking of each row whether its key waits.
    [[nodiscard]] bool isLittle() const { return entries * 200 <= rows; }
    QStringList conditions; ///< of truncations
};

/// What a proving transaction sets for itself, after its BEGIN and before its snapshot.
[[nodiscard]] QByteArray prologue(const ProofSpec &spec);
/// And before statements that ask of each row whether its key waits, as all do but total() of little: the log has no index
/// for nested loops.
[[nodiscard]] QByteArray withLog();
/// `entries`, `conditions`, a text[], and `rows`.
[[nodiscard]] QByteArray unsettled(const CaptureSpec &spec);
/// One row: `rows`, `sum` of the settled rows. One scan, by as many workers as the server takes.
[[nodiscard]] QByteArray total(const ProofSpec &spec, Side side, const Unsettled &unsettled, int serverVersion);
/// One row a bucket that has rows: `bucket`, `rows`, `sum`. One scan.
[[nodiscard]] QByteArray buckets(const ProofSpec &spec, Side side, const Unsettled &unsettled, int serverVersion);
/// The keys in the buckets $1 (int4[]) whose rows differ: `key`, `in_source`, `in_target`, `differing`; at most $2.
[[nodiscard]] QByteArray differences(const ProofSpec &spec, const Unsettled &unsettled, int serverVersion);
/// Logs these keys.
[[nodiscard]] QByteArray logDifferences(const ProofSpec &spec, const Unsettled &unsettled, int serverVersion);

} // namespace tidemark::proofsql

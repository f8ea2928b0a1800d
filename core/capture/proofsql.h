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
    QStringList conditions; ///< of truncations
};

/// What a proving transaction sets for itself, after its BEGIN and before its snapshot.
[[nodiscard]] QByteArray prologue(const ProofSpec &spec);
/// `entries` and `conditions`, a text[].
[[nodiscard]] QByteArray unsettled(const CaptureSpec &spec);
/// One row a bucket that has rows: `bucket`, `rows`, `sum`. One scan.
[[nodiscard]] QByteArray buckets(const ProofSpec &spec, Side side, const Unsettled &unsettled, int serverVersion);
/// The keys in the buckets $1 (int4[]) whose rows differ: `key`, `in_source`, `in_target`, `differing`; at most $2.
[[nodiscard]] QByteArray differences(const ProofSpec &spec, const Unsettled &unsettled, int serverVersion);
/// Logs these keys.
[[nodiscard]] QByteArray logDifferences(const ProofSpec &spec, const Unsettled &unsettled, int serverVersion);

} // namespace tidemark::proofsql

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshevent.h"

#include <optional>
#include <span>
#include <vector>

// Several sources tell of one refresh: the xid clock says between which polls it ended, the commit timestamp says when, a
// job's history says between which moments the job that did it ran, an event trigger says from when to when, a sampled
// query says since when and about until when. What one source tells is an account; a refresh is made of its accounts.
// All pure.

namespace tidemark {

/// How far two sources may differ about one moment: clocks read before and after a commit, a round trip.
inline constexpr std::chrono::microseconds accountSlack = std::chrono::milliseconds(250);

/// Why two accounts of one object are thought to be of one refresh; the first is the strongest reason.
struct Agreement
{
    enum class Reason { Identical, Started, Finished } reason = Reason::Finished;
    std::chrono::microseconds gap{0}; ///< between what they say of it
};

/// Nothing where the accounts cannot be of one refresh. The rules:
/// - The same transaction is the same refresh; accounts read from pg_class.xmin with different ones are not.
/// - A source tells of a refresh once: two accounts of one source with points in time are the same only when those are;
///   with brackets (two programs may watch one server) when the brackets overlap by more than a shared end.
/// - The outcome is the same. A sampled query does not know its outcome, so it agrees with either.
/// - Where both know the start, it decides. A job starts before the refresh in it, and that start is only a limit.
/// - Otherwise the finishes must meet within accountSlack. A job's run is a bracket for the refresh within it, and so is
///   our own run of a continuous aggregate, whose refresh commits more than once.
[[nodiscard]] std::optional<Agreement> agreementOf(const RefreshEvent &one, const RefreshEvent &other);

/// The first to the last moment that an account names; nothing where it names none.
[[nodiscard]] std::optional<TimeRange> spanOf(const RefreshEvent &account);

/// A refresh that is known already.
struct KnownRefresh
{
    qint64 id = 0;
    std::vector<RefreshEvent> accounts; ///< never empty
};

/// Which of the known ones the account tells of again; null when of none. All its accounts must agree. Of several the best
/// reason wins, then the smallest gap, then the latest: a trace in the catalogue is always that of the last refresh.
[[nodiscard]] const KnownRefresh *refreshOf(const RefreshEvent &account, std::span<const KnownRefresh> known);

/// One refresh from its accounts (at least one), each field from the source that knows it best. Trust goes in the order of
/// RefreshSource. A start comes from a job's run only when nobody else knows it; brackets are intersected; a duration is
/// measured by the one who ran or saw it, or is the way from a known start to a known commit.
[[nodiscard]] RefreshEvent mergedRefresh(std::span<const RefreshEvent> accounts);

} // namespace tidemark

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/refresh/refreshcandidates.h"
#include "core/store/historystore.h"

namespace tidemark::refresh {

/// Columns of a view that may serve REFRESH CONCURRENTLY as a unique index, and what looking at its rows said.
struct KeyCandidate
{
    enum class Verdict {
        Unique,    ///< no two rows are the same in them, and none is NULL
        WithNulls, ///< no two are the same, but some are NULL: those rows are written anew each time
        Duplicates,
        NotChecked, ///< it would have taken too long
    };
    QStringList columns;
    Verdict verdict = Verdict::NotChecked;
};

/// What is known of one materialized view's use; nothing of it is guessed.
struct AdviceFacts
{
    pg::QualifiedName name;
    bool populated = true;
    ConcurrentEligibility concurrently;
    Instant now;                         ///< the server's
    std::optional<Instant> countedSince; ///< since when the counters count; nothing: it is not known
    std::optional<qint64> scans;
    std::optional<qint64> sourceModifications; ///< rows changed in the tables it reads, through views and other views
    std::vector<RefreshEvent> refreshes;       ///< of the history, newest first
    std::vector<KeyCandidate> keys;            ///< in the order in which they were tried; the last may serve
};

enum class AdviceKind { IndexForConcurrently, NobodyReads, SourcesStandStill, NothingChanged, Interval };

[[nodiscard]] QString toWord(AdviceKind kind); ///< "index_for_concurrently", "nobody_reads", …

struct Advice
{
    AdviceKind kind = AdviceKind::Interval;
    pg::QualifiedName name;
    QString what;    ///< what to do, in a sentence
    QString because; ///< the measurements that say so
    QString sql;     ///< that does it; empty where it is no statement
    friend bool operator==(const Advice &, const Advice &) = default;
};

/// What the facts say; nothing where they say nothing. Pure.
[[nodiscard]] std::vector<Advice> adviseOn(const AdviceFacts &facts);

struct AdviceOptions
{
    bool checkKeys = true; ///< read the views for duplicates; the session's statement timeout bounds each look
    std::vector<pg::QualifiedName> names; ///< empty: all
};

/// The facts of the materialized views of a database. Reads; `history` may be null. Errors are the session's, and Missing
/// for a name that no view has.
[[nodiscard]] Result<std::vector<AdviceFacts>> readAdviceFacts(pg::Session &session, const HistoryStore *history,
                                                               const AdviceOptions &options, std::stop_token stop = {});

} // namespace tidemark::refresh

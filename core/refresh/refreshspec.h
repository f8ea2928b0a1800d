// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"
#include "core/pg/qualifiedname.h"

#include <QJsonObject>

#include <optional>
#include <vector>

namespace tidemark::refresh {

/// How materialized views are to be refreshed.
enum class Way {
    Automatic, ///< concurrently where PostgreSQL takes it; a plain refresh where that locks nobody out or is accepted
    Concurrently, ///< or not at all
    Plain,        ///< readers wait while it runs, and that is accepted
};

/// What a person asks to be brought up to date, the same from the command line and from the wizard. It says nothing of how
/// it will be done: that is the RefreshPlan made of it.
struct RefreshSpec
{
    std::vector<pg::QualifiedName> names; ///< a name without a schema is looked for in all; empty: all there are
    bool cascade = false;                 ///< and all that shows what they hold
    Way way = Way::Automatic;
    bool acceptsLock = false; ///< a plain refresh may lock readers out of a view that holds data
    bool withNoData = false;  ///< empties them: nothing can be read from them until they are refreshed
    QString from;             ///< of continuous aggregates, as the bucketed column is written; empty: the beginning
    QString to;               ///< likewise, not in it; empty: the end

    int sessions = 2;                       ///< that refresh at once
    Millis lockPatience{60'000};            ///< how long a refresh waits for its locks, in no queue, before it gives up
    std::optional<Millis> statementTimeout; ///< of one refresh

    [[nodiscard]] QJsonObject toJson() const;
    /// Errors: Input for unknown keys and values that are none.
    [[nodiscard]] static Result<RefreshSpec> fromJson(const QJsonObject &json);
    /// Whether that can be meant. Error: Input.
    [[nodiscard]] Status check() const;

    friend bool operator==(const RefreshSpec &, const RefreshSpec &) = default;
};

inline constexpr int mostSessions = 32;

/// What has to be said, word by word, for a refresh that empties.
[[nodiscard]] QString wordsOfNoData();

[[nodiscard]] QString toWord(Way way); ///< "automatic", "concurrently", "plain"
[[nodiscard]] std::optional<Way> wayOf(const QString &word);

} // namespace tidemark::refresh

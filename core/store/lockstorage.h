// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/history.h"
#include "core/store/statement.h"

#include <map>
#include <string>
#include <tuple>

namespace tidemark {

/// Names one backend, or one prepared transaction, for good.
using BackendKey = std::tuple<int, QString, std::optional<Instant>>;
[[nodiscard]] BackendKey backendKey(const LockParty &party);

/// How lock parties stand in the local store: one row for a backend as long as its transaction and what it waits for are
/// the same, with what the latest sample said of it.
class LockPartyRows
{
public:
    LockPartyRows(SQLite::Database &db, qint64 serverId);

    /// A row that is known to be there, so that the next sample finds it.
    void remember(qint64 id, const LockParty &party);
    /// The row of a party, added or brought up to date.
    [[nodiscard]] qint64 save(const LockParty &party);

    /// The columns of a party read through the alias of lock_party, with the query's text through the alias + "_query".
    [[nodiscard]] static std::string columns(const std::string &alias);
    [[nodiscard]] static std::string joins(const std::string &alias, const std::string &idColumn);
    static constexpr int columnCount = 17;
    [[nodiscard]] static LockParty read(const Statement &row, int firstColumn);

private:
    using PartyKey = std::tuple<BackendKey, std::optional<Instant>, QString, QString>;
    struct Row
    {
        qint64 id = 0;
        LockParty party;
    };

    [[nodiscard]] static PartyKey partyKey(const LockParty &party);
    [[nodiscard]] qint64 queryId(const QString &query);

    qint64 m_serverId;
    std::map<PartyKey, Row> m_rows;
    Statement m_findQuery;
    Statement m_addQuery;
    Statement m_add;
    Statement m_update;
};

} // namespace tidemark

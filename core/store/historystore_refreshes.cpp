// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/refreshmerge.h"
#include "core/store/storecodes.h"
#include "core/store/storeids.h"

#include <algorithm>
#include <map>

namespace tidemark {

namespace {

/// A bracket may be as long as this workstation slept; longer ones are not looked for.
constexpr auto longestBracket = std::chrono::days(8);
/// How far apart the accounts of one transaction may lie.
constexpr auto longestTransaction = std::chrono::days(1);

// Shared by `refresh` and `refresh_account`, in the order of readEvent() and bindEvent().
std::string withEventColumns(const char *before, const std::string &after)
{
    return std::string(before)
           + "kind, succeeded, started_at, finished_at, bracket_from, bracket_to, duration, rows, error, user, concurrently, "
             "confidence, source, source_detail, xid, probable"
           + after;
}

RefreshEvent readEvent(const Statement &row, int first)
{
    RefreshEvent event;
    event.kind = static_cast<RefreshableKind>(row.number(first));
    event.succeeded = row.flag(first + 1);
    event.startedAt = row.optionalInstant(first + 2);
    event.finishedAt = row.optionalInstant(first + 3);
    event.finishedBracket = row.optionalRange(first + 4);
    event.duration = row.optionalMillis(first + 6);
    event.rows = row.optionalInteger(first + 7);
    event.error = row.text(first + 8);
    event.user = row.text(first + 9);
    event.concurrently = row.flag(first + 10);
    event.confidence = static_cast<Confidence>(row.number(first + 11));
    event.source = static_cast<RefreshSource>(row.number(first + 12));
    event.sourceDetail = row.text(first + 13);
    event.xid = row.oid(first + 14);
    event.probable = row.flag(first + 15);
    return event;
}

template<typename... Leading>
Statement &bindEvent(Statement &statement, const RefreshEvent &event, const Leading &...leading)
{
    std::optional<Instant> bracketFrom;
    std::optional<Instant> bracketTo;
    if (event.finishedBracket) {
        bracketFrom = event.finishedBracket->from;
        bracketTo = event.finishedBracket->to;
    }
    return statement.bind(leading..., storeCode(event.kind), event.succeeded, event.startedAt, event.finishedAt,
                          bracketFrom, bracketTo, event.duration, event.rows, event.error, event.user,
                          event.concurrently, storeCode(event.confidence), storeCode(event.source), event.sourceDetail,
                          event.xid, event.probable);
}

/// The moment that stands for a refresh in lists: its finish, or the start where there is none.
Instant momentOf(const RefreshEvent &refresh, const TimeRange &span)
{
    return refresh.finishedAt ? *refresh.finishedAt : refresh.finishedBracket ? refresh.finishedBracket->to : span.to;
}

/// Adds accounts to the refreshes of one database; lives within one write.
class RefreshWriter
{
public:
    RefreshWriter(SQLite::Database &db, qint64 databaseId, int timeline)
        : m_databaseId(databaseId)
        , m_timeline(timeline)
        , m_objects(db, databaseId)
        , m_near(db,
                 "SELECT id FROM refresh WHERE object_id = ?1 AND span_to BETWEEN ?2 AND ?3 AND span_from <= ?4 "
                 "UNION SELECT id FROM refresh WHERE object_id = ?1 AND xid <> 0 AND xid = ?5 AND at BETWEEN ?6 AND ?7")
        , m_accounts(db, withEventColumns("SELECT ", " FROM refresh_account WHERE refresh_id = ? ORDER BY id"))
        , m_refresh(db, withEventColumns("SELECT ", " FROM refresh WHERE id = ?"))
        , m_insert(db, withEventColumns(
                           "INSERT INTO refresh (database_id, object_id, at, span_from, span_to, ",
                           ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"))
        , m_replace(db,
                    withEventColumns(
                        "UPDATE refresh SET (at, span_from, span_to, ",
                        ") = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) "
                        "WHERE id = ?1"))
        , m_setTimeline(db, "UPDATE refresh SET timeline = ?2 WHERE id = ?1 AND timeline < ?2")
        , m_insertAccount(db, withEventColumns("INSERT INTO refresh_account (refresh_id, ",
                                               ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
    {
    }

    /// `span` is that of the account. Returns the id of the refresh.
    qint64 add(const RefreshEvent &account, const TimeRange &span)
    {
        const qint64 id = addOrMerge(account, span);
        m_setTimeline.bind(id, m_timeline).run();
        return id;
    }

private:
    qint64 addOrMerge(const RefreshEvent &account, const TimeRange &span)
    {
        const qint64 objectId = m_objects.make(account.name);
        const auto known = near(objectId, account, span);
        const KnownRefresh *same = refreshOf(account, known);
        if (same == nullptr) {
            static_cast<void>(
                bindEvent(m_insert, account, m_databaseId, objectId, momentOf(account, span), span.from, span.to)
                    .next());
            const qint64 id = m_insert.integer(0);
            m_insert.reset();
            bindEvent(m_insertAccount, account, id).run();
            return id;
        }
        if (!isTold(*same, account)) {
            std::vector<RefreshEvent> accounts = same->accounts;
            accounts.push_back(account);
            TimeRange whole = span;
            for (const RefreshEvent &told : same->accounts) {
                const auto toldSpan = spanOf(told).value_or(span);
                whole = {std::min(whole.from, toldSpan.from), std::max(whole.to, toldSpan.to)};
            }
            const RefreshEvent merged = mergedRefresh(accounts);
            bindEvent(m_replace, merged, same->id, momentOf(merged, whole), whole.from, whole.to).run();
            bindEvent(m_insertAccount, account, same->id).run();
        }
        return same->id;
    }

    static bool isTold(const KnownRefresh &refresh, const RefreshEvent &account)
    {
        RefreshEvent plain = account;
        plain.id = 0;
        plain.name = {};
        return std::find(refresh.accounts.begin(), refresh.accounts.end(), plain) != refresh.accounts.end();
    }

    std::vector<KnownRefresh> near(qint64 objectId, const RefreshEvent &account, const TimeRange &span)
    {
        m_near.bind(objectId, span.from - accountSlack, span.to + longestBracket, span.to + accountSlack, account.xid,
                    span.from - longestTransaction, span.to + longestTransaction);
        std::vector<KnownRefresh> known;
        while (m_near.next())
            known.push_back({m_near.integer(0), accountsOf(m_near.integer(0))});
        m_near.reset();
        return known;
    }

    std::vector<RefreshEvent> accountsOf(qint64 id)
    {
        std::vector<RefreshEvent> accounts;
        m_accounts.bind(id);
        while (m_accounts.next())
            accounts.push_back(readEvent(m_accounts, 0));
        m_accounts.reset();
        // Accounts are kept for a while only; what was made of them then stands for them.
        if (accounts.empty() && m_refresh.bind(id).next())
            accounts.push_back(readEvent(m_refresh, 0));
        m_refresh.reset();
        return accounts;
    }

    qint64 m_databaseId;
    int m_timeline;
    ObjectIds m_objects;
    Statement m_near;
    Statement m_accounts;
    Statement m_refresh;
    Statement m_insert;
    Statement m_replace;
    Statement m_setTimeline;
    Statement m_insertAccount;
};

} // namespace

Result<qint64> HistoryStore::addRefresh(const DatabaseRef &database, const RefreshEvent &event)
{
    const auto span = spanOf(event);
    if (!span)
        return fail(Error::input(QStringLiteral("a refresh of %1 without any time").arg(event.name.display())));
    qint64 id = 0;
    TIDEMARK_CHECK(m_store->write([&](SQLite::Database &db) {
        id = RefreshWriter(db, makeDatabaseIdAt(db, database, span->to), database.timeline).add(event, *span);
    }));
    return id;
}

Status HistoryStore::addRefreshes(const DatabaseRef &database, const std::vector<RefreshEvent> &events)
{
    if (events.empty())
        return {};
    return m_store->write([&](SQLite::Database &db) {
        std::map<qint64, RefreshWriter> writers;
        for (const RefreshEvent &event : events) {
            const auto span = spanOf(event);
            if (!span)
                continue;
            const qint64 id = makeDatabaseIdAt(db, database, span->to);
            writers.try_emplace(id, db, id, database.timeline).first->second.add(event, *span);
        }
    });
}

Result<std::vector<RefreshEvent>> HistoryStore::refreshes(const DatabaseRef &database, const pg::QualifiedName &name,
                                                          std::optional<TimeRange> range, int limit) const
{
    std::vector<RefreshEvent> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        const qint64 databaseId = findDatabaseId(db, database);
        const bool all = name == pg::QualifiedName();
        const qint64 id = all ? databaseId : ObjectIds(db, databaseId).find(name);
        const std::string newest = std::string(" FROM (SELECT * FROM refresh WHERE ")
                                   + (all ? "database_id" : "object_id")
                                   + " = ? AND at BETWEEN ? AND ? ORDER BY at DESC, id DESC LIMIT ?) r ";
        Statement rows(db,
                       withEventColumns("SELECT r.id, o.schema, o.name, r.timeline, ",
                                        newest + "JOIN object o ON o.id = r.object_id ORDER BY r.at DESC, r.id DESC"));
        rows.bind(id, range ? range->from : Instant::min(), range ? range->to : Instant::max(), limit);
        while (rows.next()) {
            RefreshEvent event = readEvent(rows, 4);
            event.timeline = rows.number(3);
            event.id = rows.integer(0);
            event.name = rows.name(1);
            found.push_back(std::move(event));
        }
    }));
    return found;
}

Result<qint64> HistoryStore::countRefreshes(const DatabaseRef &database, const TimeRange &range) const
{
    qint64 count = 0;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement row(db, "SELECT count(*) FROM refresh WHERE database_id = ? AND at BETWEEN ? AND ?");
        if (row.bind(findDatabaseId(db, database), range.from, range.to).next())
            count = row.integer(0);
    }));
    return count;
}

Result<std::optional<RefreshLogMark>> HistoryStore::refreshLogMark(const DatabaseRef &database, quint32 table) const
{
    std::optional<RefreshLogMark> mark;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement row(db, "SELECT log_read FROM database WHERE id = ? AND log_table = ? AND log_timeline = ?");
        if (row.bind(findDatabaseId(db, database), table, database.timeline).next())
            mark = RefreshLogMark{table, row.integer(0)};
    }));
    return mark;
}

Status HistoryStore::setRefreshLogMark(const DatabaseRef &database, const RefreshLogMark &mark)
{
    return m_store->write([&](SQLite::Database &db) {
        Statement(db, "UPDATE database SET log_table = ?, log_timeline = ?, log_read = ? WHERE id = ?")
            .bind(mark.table, database.timeline, mark.id, makeDatabaseId(db, database))
            .run();
    });
}

} // namespace tidemark

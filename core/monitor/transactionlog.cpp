// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/transactionlog.h"

#include <algorithm>

namespace tidemark {

namespace {

constexpr std::size_t mostLooks = 256;

bool areSame(const OpenTransaction &earlier, const OpenTransaction &later)
{
    return earlier.pid == later.pid && earlier.startedAt == later.startedAt
           && (earlier.xid == 0 || earlier.xid == later.xid);
}

const OpenTransaction *findSame(const OpenTransaction &open, const TransactionLog::Look &later)
{
    const auto found = std::find_if(later.open.begin(), later.open.end(),
                                    [&](const OpenTransaction &other) { return areSame(open, other); });
    return found == later.open.end() ? nullptr : &*found;
}

} // namespace

TransactionLog::Look TransactionLog::read(const pg::ResultSet &rows, qint64 stamp)
{
    Look look;
    look.stamp = stamp;
    look.nextXid = rows.int64(0, rows.column("next_xid"));
    const auto pids = rows.int64s(0, rows.column("pids"));
    const auto started = rows.int64s(0, rows.column("started"));
    const auto xids = rows.int64s(0, rows.column("xids"));
    const auto snapshots = rows.int64s(0, rows.column("snapshots"));
    for (std::size_t i = 0; i < pids.size(); ++i) {
        look.open.push_back(
            {static_cast<qint32>(pids[i]), started.at(i), static_cast<quint32>(xids.at(i)), snapshots.at(i) != 0});
    }
    return look;
}

void TransactionLog::add(Look look)
{
    m_looks.push_back(std::move(look));
    if (m_looks.size() <= mostLooks)
        return;
    // Only a refresh that takes long asks for what is long ago, and then a few looks more or less matter little.
    std::vector<Look> kept;
    for (std::size_t i = 0; i < m_looks.size(); ++i) {
        if (i >= m_looks.size() / 2 || i % 2 == 0)
            kept.push_back(std::move(m_looks[i]));
    }
    m_looks = std::move(kept);
}

bool TransactionLog::mayBe(const OpenTransaction &open, std::size_t firstAfter, const Commit &commit) const
{
    // The id of a subtransaction is younger than that of its transaction, never older.
    if (commit.xid && open.xid != 0 && static_cast<qint32>(open.xid - static_cast<quint32>(*commit.xid)) > 0)
        return false;
    for (std::size_t i = firstAfter; i < m_looks.size(); ++i) {
        const Look &look = m_looks[i];
        const OpenTransaction *later = findSame(open, look);
        if (look.stamp <= commit.notBefore && later == nullptr)
            return false; // it was over, or let go of its snapshot, before the refresh was
        if (look.stamp >= commit.notAfter && later != nullptr && later->startedAt != 0)
            return false; // it goes on
    }
    return true;
}

std::optional<qint64> TransactionLog::newestBefore(const Commit &commit) const
{
    for (std::size_t i = m_looks.size(); i-- > 0;) {
        const Look &look = m_looks[i];
        if (look.stamp >= commit.notAfter)
            continue;
        if (commit.xid ? *commit.xid < look.nextXid : look.stamp > commit.notBefore)
            continue;
        const bool mayBeOpen = std::any_of(look.open.begin(), look.open.end(), [&](const OpenTransaction &open) {
            return (open.holdsSnapshot || !commit.xid) && mayBe(open, i + 1, commit);
        });
        if (!mayBeOpen)
            return look.stamp;
    }
    return std::nullopt;
}

bool TransactionLog::isBefore(const SourceReading &reading, const Commit &commit) const
{
    if (!commit.xid || *commit.xid < reading.nextXid)
        return false;
    return std::none_of(reading.open.begin(), reading.open.end(),
                        [&](const OpenTransaction &open) { return open.holdsSnapshot && mayBe(open, 0, commit); });
}

} // namespace tidemark

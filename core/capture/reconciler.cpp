// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/reconciler.h"

#include "core/capture/reconcilesql.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace tidemark {

namespace {

using pg::Transaction;
using reconcilesql::Scope;

constexpr int mostAttempts = 5;
/// Below this a batch's time is that of its statements, above that of its entries.
constexpr qint64 fewEntries = 50;
constexpr double weightOfLatest = 0.3;

class Stopwatch
{
public:
    [[nodiscard]] std::chrono::microseconds elapsed() const
    {
        return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - m_start);
    }

private:
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

/// Of a unique index, or of an exclusion constraint.
bool isCollision(const Error &error)
{
    return error.sqlState == "23505" || error.sqlState == "23P01";
}

void average(double &mean, double latest, bool isFirst)
{
    mean = isFirst ? latest : mean + weightOfLatest * (latest - mean);
}

} // namespace

Reconciler::Reconciler(pg::Session &session, ReconcileSpec spec)
    : m_session(session)
    , m_spec(std::move(spec))
{
}

Error Reconciler::within(const Error &error) const
{
    return error.within(QStringLiteral("reconciling %1").arg(m_spec.capture.source.display()));
}

Result<ReconcileCount> Reconciler::step(qint64 maxEntries, const pg::CallOptions &call)
{
    const Stopwatch watch;
    for (int tried = 1;; ++tried) {
        auto done = attempt(maxEntries, call);
        if (done) {
            done->duration = watch.elapsed();
            learn(*done);
            return done;
        }
        // A collision that outlived the widening is with a row of the mirror's, younger than the snapshot.
        const bool mayPass = done.error().kind == ErrorKind::Conflict
                             || (m_spec.skipEqual && isCollision(done.error()));
        const bool isBusy = done.error().sqlState.isEmpty();
        if (!mayPass || isBusy || done.error().poisonsSession || tried == mostAttempts || call.stop.stop_requested())
            return fail(within(done.error()));
        std::this_thread::sleep_for(std::chrono::milliseconds(5) * tried);
    }
}

Result<ReconcileCount> Reconciler::attempt(std::optional<qint64> maxEntries, const pg::CallOptions &call)
{
    TIDEMARK_TRY(auto transaction, Transaction::begin(m_session, "ISOLATION LEVEL REPEATABLE READ READ WRITE"));
    // Neither LOCK nor SET takes the snapshot; the first query does.
    const QByteArray first = "LOCK TABLE " + m_spec.capture.source.quoted().toUtf8() + " IN ACCESS SHARE MODE; ";
    TIDEMARK_TRY([[maybe_unused]] const auto set,
                 m_session.execScript(first + reconcilesql::prologue(m_spec) + reconcilesql::lookUpKeys(), call));
    TIDEMARK_CHECK(lockCapture(transaction, call));
    TIDEMARK_TRY(const auto count, reconcile(transaction, maxEntries, call));
    TIDEMARK_CHECK(transaction.commit());
    return count;
}

Status Reconciler::lockCapture(Transaction &transaction, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const auto rows, transaction.exec(reconcilesql::tryLock(m_spec.capture), {}, call));
    if (!rows.boolean(0, 0))
        return fail(reconcilesql::busy(m_spec.capture));
    return {};
}

Result<ReconcileCount> Reconciler::truncate(Transaction &transaction, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const auto rows, transaction.exec(reconcilesql::takeTruncations(m_spec.capture), {}, call));
    ReconcileCount count;
    count.truncations = rows.rowCount();
    std::vector<QByteArray> conditions;
    for (int row = 0; row < rows.rowCount(); ++row)
        conditions.push_back(rows.bytes(row, 0));
    std::sort(conditions.begin(), conditions.end());
    conditions.erase(std::unique(conditions.begin(), conditions.end()), conditions.end());
    const bool everything = std::find(conditions.begin(), conditions.end(), "true") != conditions.end();
    if (everything)
        conditions = {"true"};
    const QByteArray name = m_spec.target.quoted().toUtf8();
    for (const QByteArray &condition : conditions) {
        const bool byTruncate = everything && m_spec.truncateTarget;
        TIDEMARK_TRY(
            const auto gone,
            transaction.exec(byTruncate ? "TRUNCATE " + name : "DELETE FROM " + name + " WHERE (" + condition + ")", {},
                             call));
        count.deleted += gone.affectedRows();
    }
    return count;
}

Result<ReconcileCount> Reconciler::reconcile(Transaction &transaction, std::optional<qint64> maxEntries,
                                             const pg::CallOptions &call)
{
    TIDEMARK_TRY(auto count, truncate(transaction, call));
    Scope scope = Scope::All;
    pg::Params end;
    if (maxEntries) {
        TIDEMARK_TRY(const auto rows, transaction.exec(reconcilesql::endOfBatch(m_spec.capture),
                                                       {std::max<qint64>(1, *maxEntries)}, call));
        if (!rows.isEmpty()) {
            scope = Scope::Batch;
            end.emplace_back(rows.bytes(0, 0));
        }
    }
    TIDEMARK_TRY(const auto deleted,
                 transaction.exec(reconcilesql::deleteRows(m_spec, m_spec.target, scope), end, call));
    count.deleted += deleted.affectedRows();

    TIDEMARK_TRY([[maybe_unused]] const auto saved, transaction.exec("SAVEPOINT tidemark_insert", {}, call));
    const QByteArray insert = reconcilesql::insertRows(m_spec, scope);
    auto inserted = transaction.exec(insert, end, call);
    if (!inserted && isCollision(inserted.error())) {
        TIDEMARK_TRY([[maybe_unused]] const auto back,
                     transaction.exec("ROLLBACK TO SAVEPOINT tidemark_insert", {}, call));
        TIDEMARK_TRY(const auto waiting,
                     transaction.exec(reconcilesql::deleteRows(m_spec, m_spec.target, Scope::All), {}, call));
        count.deleted += waiting.affectedRows();
        count.widened = true;
        inserted = transaction.exec(insert, end, call);
    }
    if (!inserted)
        return fail(inserted.error());
    count.inserted = inserted->affectedRows();

    TIDEMARK_TRY(const auto forgotten, transaction.exec(reconcilesql::forget(m_spec.capture, scope), end, call));
    count.entries = forgotten.affectedRows();
    return count;
}

Result<ReconcileCount> Reconciler::drain(Transaction &transaction, const pg::CallOptions &call)
{
    const Stopwatch watch;
    auto drained = [&]() -> Result<ReconcileCount> {
        TIDEMARK_TRY(const auto check, transaction.exec(reconcilesql::checkLocked(m_spec.capture), {}, call));
        if (check.text(0, 0) != QLatin1String("read committed"))
            return fail(Error::safety(QStringLiteral("the transaction that drains must be READ COMMITTED, this is %1: "
                                                     "its snapshot may be older than its lock")
                                          .arg(check.text(0, 0).toUpper())));
        if (!check.boolean(0, 1))
            return fail(Error::safety(QStringLiteral("the transaction that drains has not locked %1 against writers")
                                          .arg(m_spec.capture.source.display())));
        TIDEMARK_TRY([[maybe_unused]] const auto set,
                     m_session.execScript(reconcilesql::prologue(m_spec) + reconcilesql::lookUpKeys(), call));
        TIDEMARK_CHECK(lockCapture(transaction, call));
        TIDEMARK_TRY(const auto count, reconcile(transaction, std::nullopt, call));
        TIDEMARK_TRY([[maybe_unused]] const auto reset, m_session.execScript(reconcilesql::epilogue(m_spec), call));
        return count;
    }();
    if (!drained)
        return fail(within(drained.error()));
    drained->duration = watch.elapsed();
    return drained;
}

Result<CaptureLag> Reconciler::lag(const pg::CallOptions &call)
{
    const auto rows = m_session.exec(reconcilesql::lag(m_spec.capture), {}, call);
    if (!rows)
        return fail(within(rows.error()));
    CaptureLag lag;
    lag.pending = rows->int64(0, rows->column("pending"));
    lag.truncations = rows->int32(0, rows->column("truncations"));
    const auto oldest = rows->instant(0, rows->column("oldest"));
    const auto now = rows->instant(0, rows->column("now"));
    if (oldest && now)
        lag.oldest = millisBetween(*oldest, *now);
    return lag;
}

void Reconciler::learn(const ReconcileCount &count)
{
    if (count.entries == 0 || count.truncations > 0)
        return;
    const double micros = static_cast<double>(count.duration.count());
    if (count.entries < fewEntries)
        average(m_microsPerBatch, micros, m_microsPerBatch == 0);
    else
        average(m_microsPerEntry, std::max(0.0, micros - m_microsPerBatch) / static_cast<double>(count.entries),
                m_microsPerEntry == 0);
    m_hasMeasured = true;
}

std::optional<std::chrono::microseconds> Reconciler::predictedDrain(qint64 pending) const
{
    if (!m_hasMeasured)
        return std::nullopt;
    return std::chrono::microseconds(
        static_cast<qint64>(m_microsPerBatch + m_microsPerEntry * static_cast<double>(pending)));
}

std::optional<double> Reconciler::entriesPerSecond() const
{
    if (m_microsPerEntry == 0)
        return std::nullopt;
    return 1e6 / m_microsPerEntry;
}

} // namespace tidemark

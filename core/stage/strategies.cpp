// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/strategies.h"

#include "core/base/units.h"
#include "core/pg/capabilities.h"
#include "core/pg/sqllibrary.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark::stage {

namespace {

constexpr qint64 samplePages = 4'096; // 32 MB of the usual pages

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Strategies)
};

/// What of the server and the table all strategies are reckoned from.
struct Facts
{
    TableInventory source;
    qint64 heapBytes = 0; ///< with what is toasted
    qint64 indexBytes = 0;
    double bytesReadPerSecond = 0;  ///< 0: the table is too small to tell
    double rowsCopiedPerSecond = 0; ///< 0: nothing was copied here yet
};

/// How many times a second the first pages could be read, with the cache as it happens to be.
Result<double> clockReading(pg::Session &session, const TableInventory &source, const pg::CallOptions &call)
{
    if (session.serverVersion() < 140'000) // before, ranges of tids are not read as such
        return 0.0;
    const QByteArray sql = QStringLiteral("SELECT pg_catalog.count(*) FROM ONLY %1 WHERE ctid < '(%2,0)'::tid")
                               .arg(source.facts.name.quoted())
                               .arg(samplePages)
                               .toUtf8();
    const auto begun = std::chrono::steady_clock::now();
    TIDEMARK_TRY([[maybe_unused]] const auto rows, session.exec(sql, {}, call));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return took.count() > 0 ? 1.0 / took.count() : 0.0;
}

Result<Facts> readFacts(pg::Session &session, const StageSpec &spec, const pg::CallOptions &call)
{
    Facts facts;
    TIDEMARK_TRY(facts.source, readTableInventory(session, spec.table, call));
    const auto &library = pg::SqlLibrary::builtIn();
    TIDEMARK_TRY(const auto table,
                 session.exec(library.query(QStringLiteral("statistics/table"), session.serverVersion()).sql,
                              {facts.source.facts.oid}, call));
    if (!table.isEmpty()) {
        facts.heapBytes = table.int64(0, table.column("heap_bytes")) + table.int64(0, table.column("toast_bytes"));
        facts.indexBytes = table.int64(0, table.column("index_bytes"));
        const qint64 heap = table.int64(0, table.column("heap_bytes"));
        TIDEMARK_TRY(const double perSecond, clockReading(session, facts.source, call));
        facts.bytesReadPerSecond = perSecond * double(std::min(heap, samplePages * 8'192));
    }
    TIDEMARK_TRY(const auto toolkit,
                 session.exec("SELECT pg_catalog.to_regclass('tidemark.run_step') IS NOT NULL", {}, call));
    if (toolkit.boolean(0, 0)) {
        // Without the right to read them there is no rate.
        const auto copied = session.exec(library.query(QStringLiteral("plan/copied"), session.serverVersion()).sql, {},
                                         call);
        if (copied && !copied->isEmpty() && !copied->isNull(0, 0))
            facts.rowsCopiedPerSecond = copied->real(0, 0);
    }
    return facts;
}

QStringList locksOf(const Plan &plan)
{
    // A lock once, with the steps that take it.
    std::vector<std::pair<QString, QStringList>> locks;
    for (const Step &step : plan.steps) {
        for (const StepLock &lock : step.locks) {
            const QString text = QStringLiteral("%1 on %2").arg(lockModeSql(lock.mode), lock.relation.display());
            const auto found = std::find_if(locks.begin(), locks.end(),
                                            [&](const auto &known) { return known.first == text; });
            if (found == locks.end())
                locks.emplace_back(text, QStringList{step.name});
            else
                found->second << step.name;
        }
    }
    QStringList texts;
    for (const auto &[lock, steps] : locks)
        texts << QStringLiteral("%1 (%2)").arg(lock, steps.join(QStringLiteral(", ")));
    return texts;
}

void reckonAttach(StrategyOutlook &outlook, const Facts &facts)
{
    const bool buildsKeys = outlook.diskNeeded > 0;
    outlook.bytesRead = facts.heapBytes * (buildsKeys ? 2 : 1);
    outlook.bytesWritten = outlook.diskNeeded;
    if (facts.bytesReadPerSecond <= 0) {
        outlook.basis = Words::tr("no range of the table's pages could be clocked");
        return;
    }
    outlook.takes = Millis(qint64(double(outlook.bytesRead) / facts.bytesReadPerSecond * 1000));
    outlook.basis = Words::tr("reading a sample at %1/s").arg(units::bytes(qint64(facts.bytesReadPerSecond)))
                    + (buildsKeys ? Words::tr("; sorting the key comes on top") : QString());
}

void reckonCopy(StrategyOutlook &outlook, const Facts &facts)
{
    outlook.bytesRead = facts.heapBytes * 2; // once to copy, once to prove
    outlook.bytesWritten = facts.heapBytes + facts.indexBytes;
    const qint64 rows = facts.source.facts.rowEstimate;
    if (facts.rowsCopiedPerSecond <= 0) {
        outlook.basis = Words::tr("nothing was copied in this database yet");
    } else if (rows < 0) {
        outlook.basis = Words::tr("the table was never analysed: nobody knows its rows");
    } else {
        outlook.takes = Millis(qint64(double(rows) / facts.rowsCopiedPerSecond * 1000));
        outlook.basis = Words::tr("earlier copies in this database, at %1 rows/s; indexes come on top")
                            .arg(units::count(qint64(facts.rowsCopiedPerSecond)));
    }
}

} // namespace

Result<std::vector<StrategyOutlook>> compareStrategies(pg::Session &session, const StageSpec &spec,
                                                       const pg::CallOptions &call)
{
    TIDEMARK_TRY(const Facts facts, readFacts(session, spec, call));
    TIDEMARK_TRY(const auto capabilities, pg::Capabilities::probe(session, call));
    std::vector<ShadowShape> shapes{ShadowShape::Native};
    if (capabilities.hasExtension(QStringLiteral("timescaledb")))
        shapes.push_back(ShadowShape::Hypertable);
    std::vector<StrategyOutlook> outlooks;
    for (const ShadowShape shape : shapes) {
        for (const Strategy strategy : {Strategy::Attach, Strategy::Copy}) {
            StageSpec asked = spec;
            asked.shape = shape;
            asked.strategy = strategy;
            StrategyOutlook outlook;
            outlook.strategy = strategy;
            outlook.shape = shape;
            const auto planned = planStage(session, asked, call);
            if (planned) {
                outlook.blocking = planned->blocking(spec.waivers);
                outlook.diskNeeded = planned->diskNeeded;
                if (planned->plan)
                    outlook.locks = locksOf(*planned->plan);
            } else if (planned.error().poisonsSession || planned.error().kind == ErrorKind::Missing) {
                return fail(planned.error());
            } else {
                // What only this strategy cannot do without, such as a key to capture changes by.
                outlook.blocking.push_back({Obstacle::Gravity::Refused, spec.table.display(), planned.error().summary(),
                                            planned.error().hint});
            }
            if (strategy == Strategy::Attach)
                reckonAttach(outlook, facts);
            else
                reckonCopy(outlook, facts);
            outlooks.push_back(std::move(outlook));
        }
    }
    return outlooks;
}

} // namespace tidemark::stage

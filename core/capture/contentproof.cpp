// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/contentproof.h"

#include "core/capture/proofsql.h"
#include "core/capture/reconcilesql.h"

#include <future>
#include <map>
#include <utility>

namespace tidemark {

namespace {

using pg::Transaction;
using proofsql::Side;
using proofsql::Unsettled;
using Clock = std::chrono::steady_clock;

std::chrono::microseconds since(Clock::time_point start)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}

const QByteArray snapshotMode = QByteArrayLiteral("ISOLATION LEVEL REPEATABLE READ READ ONLY");

Result<Unsettled> readUnsettled(Transaction &transaction, const CaptureSpec &spec, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const auto rows, transaction.exec(proofsql::unsettled(spec), {}, call));
    return Unsettled{rows.int64(0, 0), rows.int64(0, 2), rows.texts(0, 1)};
}

/// One side on a snapshot that another session has exported.
Result<pg::ResultSet> scanOn(pg::Session &session, const QByteArray &snapshot, const QByteArray &settings,
                             const QByteArray &scan, const pg::CallOptions &call)
{
    TIDEMARK_TRY(auto transaction, Transaction::begin(session, snapshotMode));
    TIDEMARK_TRY([[maybe_unused]] const auto taken,
                 session.execScript("SET TRANSACTION SNAPSHOT " + pg::quoteLiteral(QString::fromUtf8(snapshot)).toUtf8()
                                        + "; " + settings,
                                    call));
    TIDEMARK_TRY(auto rows, transaction.exec(scan, {}, call));
    TIDEMARK_CHECK(transaction.commit());
    return rows;
}

struct Sides
{
    pg::ResultSet source;
    pg::ResultSet target;
};

/// One statement for each side, at once where there is a helper, which gets the settings that the transaction has.
Result<Sides> scan(Transaction &transaction, pg::Session *helper, const QByteArray &settings,
                   const QByteArray &ofSource, const QByteArray &ofTarget, const pg::CallOptions &call)
{
    std::future<Result<pg::ResultSet>> other;
    if (helper != nullptr) {
        TIDEMARK_TRY(const auto exported, transaction.exec("SELECT pg_catalog.pg_export_snapshot()", {}, call));
        other = std::async(std::launch::async, [&, snapshot = exported.bytes(0, 0)] {
            return scanOn(*helper, snapshot, settings, ofTarget, call);
        });
    }
    // The helper's scan is waited for whatever becomes of this one: it uses what stands here.
    auto source = transaction.exec(ofSource, {}, call);
    auto target = other.valid() ? other.get() : transaction.exec(ofTarget, {}, call);
    if (!source || !target)
        return fail(source ? target.error() : source.error());
    return Sides{std::move(*source), std::move(*target)};
}

void take(std::map<int, ProofBucket> &buckets, const pg::ResultSet &rows, qint64 ProofBucket::*count,
          QString ProofBucket::*sum)
{
    for (int row = 0; row < rows.rowCount(); ++row) {
        ProofBucket &bucket = buckets[rows.int32(row, 0)];
        bucket.number = rows.int32(row, 0);
        bucket.*count = rows.int64(row, 1);
        bucket.*sum = rows.text(row, 2);
    }
}

} // namespace

std::vector<int> ProofResult::mismatchedBuckets() const
{
    std::vector<int> numbers;
    for (const ProofBucket &bucket : buckets) {
        if (!bucket.isEqual())
            numbers.push_back(bucket.number);
    }
    return numbers;
}

ContentProof::ContentProof(ProofSpec spec)
    : m_spec(std::move(spec))
{
}

Error ContentProof::within(const Error &error) const
{
    return error.within(
        QStringLiteral("comparing %1 with %2").arg(m_spec.capture.source.display(), m_spec.target.display()));
}

Result<ProofResult> ContentProof::run(pg::Session &session, pg::Session *helper, const pg::CallOptions &call) const
{
    auto result = prove(session, helper, call);
    if (!result)
        return fail(within(result.error()));
    return result;
}

Result<ProofResult> ContentProof::prove(pg::Session &session, pg::Session *helper, const pg::CallOptions &call) const
{
    const auto start = Clock::now();
    TIDEMARK_TRY(auto transaction, Transaction::begin(session, snapshotMode));
    QByteArray settings = proofsql::prologue(m_spec);
    TIDEMARK_TRY([[maybe_unused]] const auto set, session.execScript(settings, call));
    TIDEMARK_TRY(const auto unsettled, readUnsettled(transaction, m_spec.capture, call));
    if (!unsettled.isLittle()) {
        TIDEMARK_TRY([[maybe_unused]] const auto also, transaction.exec(proofsql::withLog(), {}, call));
        settings += "; " + proofsql::withLog();
    }
    const int version = session.serverVersion();
    TIDEMARK_TRY(const Sides totals,
                 scan(transaction, helper, settings, proofsql::total(m_spec, Side::Source, unsettled, version),
                      proofsql::total(m_spec, Side::Target, unsettled, version), call));
    ProofResult result;
    result.pending = unsettled.entries;
    result.truncations = static_cast<int>(unsettled.conditions.size());
    result.sourceRows = totals.source.int64(0, 0);
    result.targetRows = totals.target.int64(0, 0);
    result.sourceSum = totals.source.text(0, 1);
    result.targetSum = totals.target.text(0, 1);
    result.scanned = since(start);
    if (result.sourceRows != result.targetRows || result.sourceSum != result.targetSum)
        TIDEMARK_CHECK(drillDown(session, transaction, helper, unsettled, result, call));
    TIDEMARK_CHECK(transaction.commit());
    return result;
}

Status ContentProof::drillDown(const pg::Session &session, Transaction &transaction, pg::Session *helper,
                               const Unsettled &unsettled, ProofResult &result, const pg::CallOptions &call) const
{
    const auto start = Clock::now();
    const int version = session.serverVersion();
    const QByteArray before = proofsql::withLog();
    TIDEMARK_TRY([[maybe_unused]] const auto set, transaction.exec(before, {}, call));
    TIDEMARK_TRY(const Sides sides, scan(transaction, helper, proofsql::prologue(m_spec) + "; " + before,
                                         proofsql::buckets(m_spec, Side::Source, unsettled, version),
                                         proofsql::buckets(m_spec, Side::Target, unsettled, version), call));
    std::map<int, ProofBucket> buckets;
    take(buckets, sides.source, &ProofBucket::sourceRows, &ProofBucket::sourceSum);
    take(buckets, sides.target, &ProofBucket::targetRows, &ProofBucket::targetSum);
    for (const auto &[number, bucket] : buckets)
        result.buckets.push_back(bucket);
    TIDEMARK_TRY(const auto rows,
                 transaction.exec(proofsql::differences(m_spec, unsettled, version),
                                  {pg::Param::array(result.mismatchedBuckets()), m_spec.mostMismatches}, call));
    for (int row = 0; row < rows.rowCount(); ++row) {
        result.mismatched = rows.int64(row, 3);
        result.mismatches.push_back({rows.text(row, 0), rows.int64(row, 1), rows.int64(row, 2)});
    }
    result.drilledDown = since(start);
    if (result.mismatched == 0)
        return fail(Error::internal(QStringLiteral("the sums differ and no key does")));
    return {};
}

Result<qint64> ContentProof::repair(pg::Session &session, const ProofResult &result, const pg::CallOptions &call) const
{
    auto logged = [&]() -> Result<qint64> {
        const std::vector<int> mismatched = result.mismatchedBuckets();
        if (mismatched.empty())
            return 0;
        TIDEMARK_TRY(auto transaction, Transaction::begin(session, "ISOLATION LEVEL REPEATABLE READ READ WRITE"));
        TIDEMARK_TRY([[maybe_unused]] const auto set,
                     session.execScript(proofsql::prologue(m_spec) + "; " + proofsql::withLog(), call));
        TIDEMARK_TRY(const auto lock, transaction.exec(reconcilesql::tryLock(m_spec.capture), {}, call));
        if (!lock.boolean(0, 0))
            return fail(reconcilesql::busy(m_spec.capture));
        TIDEMARK_TRY(const auto unsettled, readUnsettled(transaction, m_spec.capture, call));
        TIDEMARK_TRY(const auto inserted,
                     transaction.exec(proofsql::logDifferences(m_spec, unsettled, session.serverVersion()),
                                      {pg::Param::array(mismatched)}, call));
        TIDEMARK_CHECK(transaction.commit());
        return inserted.affectedRows();
    }();
    if (!logged)
        return fail(within(logged.error()));
    return logged;
}

} // namespace tidemark

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
    return Unsettled{rows.int64(0, 0), rows.texts(0, 1)};
}

/// One side on a snapshot that another session has exported.
Result<pg::ResultSet> scanOn(pg::Session &session, const QByteArray &snapshot, const ProofSpec &spec,
                             const QByteArray &scan, const pg::CallOptions &call)
{
    TIDEMARK_TRY(auto transaction, Transaction::begin(session, snapshotMode));
    TIDEMARK_TRY([[maybe_unused]] const auto taken,
                 session.execScript("SET TRANSACTION SNAPSHOT " + pg::quoteLiteral(QString::fromUtf8(snapshot)).toUtf8()
                                        + "; " + proofsql::prologue(spec),
                                    call));
    TIDEMARK_TRY(auto rows, transaction.exec(scan, {}, call));
    TIDEMARK_CHECK(transaction.commit());
    return rows;
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
    TIDEMARK_TRY([[maybe_unused]] const auto set, session.execScript(proofsql::prologue(m_spec), call));
    TIDEMARK_TRY(const auto unsettled, readUnsettled(transaction, m_spec.capture, call));
    const int version = session.serverVersion();
    const QByteArray scanSource = proofsql::buckets(m_spec, Side::Source, unsettled, version);
    const QByteArray scanTarget = proofsql::buckets(m_spec, Side::Target, unsettled, version);

    std::future<Result<pg::ResultSet>> other;
    if (helper != nullptr) {
        TIDEMARK_TRY(const auto exported, transaction.exec("SELECT pg_catalog.pg_export_snapshot()", {}, call));
        other = std::async(std::launch::async, [&, snapshot = exported.bytes(0, 0)] {
            return scanOn(*helper, snapshot, m_spec, scanTarget, call);
        });
    }
    // The helper's scan is waited for whatever becomes of this one: it uses what stands here.
    auto source = transaction.exec(scanSource, {}, call);
    auto target = other.valid() ? other.get() : transaction.exec(scanTarget, {}, call);
    if (!source || !target)
        return fail(source ? target.error() : source.error());

    ProofResult result;
    result.pending = unsettled.entries;
    result.truncations = static_cast<int>(unsettled.conditions.size());
    std::map<int, ProofBucket> buckets;
    take(buckets, *source, &ProofBucket::sourceRows, &ProofBucket::sourceSum);
    take(buckets, *target, &ProofBucket::targetRows, &ProofBucket::targetSum);
    for (const auto &[number, bucket] : buckets) {
        result.sourceRows += bucket.sourceRows;
        result.targetRows += bucket.targetRows;
        result.buckets.push_back(bucket);
    }
    result.scanned = since(start);

    const std::vector<int> mismatched = result.mismatchedBuckets();
    if (!mismatched.empty()) {
        const auto drill = Clock::now();
        TIDEMARK_TRY(const auto rows, transaction.exec(proofsql::differences(m_spec, unsettled, version),
                                                       {pg::Param::array(mismatched), m_spec.mostMismatches}, call));
        for (int row = 0; row < rows.rowCount(); ++row) {
            result.mismatched = rows.int64(row, 3);
            result.mismatches.push_back({rows.text(row, 0), rows.int64(row, 1), rows.int64(row, 2)});
        }
        result.drilledDown = since(drill);
        if (result.mismatched == 0)
            return fail(Error::internal(QStringLiteral("the sums differ and no key does")));
    }
    TIDEMARK_CHECK(transaction.commit());
    return result;
}

Result<qint64> ContentProof::repair(pg::Session &session, const ProofResult &result, const pg::CallOptions &call) const
{
    auto logged = [&]() -> Result<qint64> {
        const std::vector<int> mismatched = result.mismatchedBuckets();
        if (mismatched.empty())
            return 0;
        TIDEMARK_TRY(auto transaction, Transaction::begin(session, "ISOLATION LEVEL REPEATABLE READ READ WRITE"));
        TIDEMARK_TRY([[maybe_unused]] const auto set, session.execScript(proofsql::prologue(m_spec), call));
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

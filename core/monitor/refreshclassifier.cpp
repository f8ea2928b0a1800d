// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/refreshclassifier.h"

namespace tidemark {

namespace {

// From 14 on, -1 says "never counted". REFRESH leaves that (unless an index was built over rows), VACUUM FULL counts.
bool isUncounted(const MatviewRow &row, int serverMajor)
{
    return serverMajor >= 14 && row.rowsEstimate < 0;
}

// Up to 14 a backend that reported less than half a second ago keeps its counters until its next statement, so that they
// stand still proves nothing. From 15 on it reports after ten idle seconds.
bool silenceProves(const RefreshEvidence &evidence)
{
    return evidence.countersWork && evidence.serverMajor >= 15;
}

struct Counters
{
    bool moved = false;
    std::optional<qint64> written;
};

Counters countersSince(const RefreshableBaseline &before, const MatviewRow &now, const RefreshEvidence &evidence)
{
    qint64 inserted = now.tuplesInserted - before.tuplesInserted;
    qint64 deleted = now.tuplesDeleted - before.tuplesDeleted;
    // After a reset the counters hold what came since, and the baseline was read before it.
    if (evidence.countersReset || inserted < 0 || deleted < 0) {
        inserted = now.tuplesInserted;
        deleted = now.tuplesDeleted;
    }
    Counters counters;
    counters.moved = inserted > 0 || deleted > 0;
    if (counters.moved)
        counters.written = inserted;
    return counters;
}

RefreshClassification certainly(RefreshVerdict verdict)
{
    RefreshClassification result;
    result.verdict = verdict;
    result.certain = true;
    return result;
}

/// The storage is another one: a plain refresh, a rewrite, or a move to another tablespace.
RefreshClassification classifyNewStorage(const RefreshableBaseline &before, const MatviewRow &now,
                                         const RefreshEvidence &evidence, const Counters &counters)
{
    const bool attributesChanged = before.attributes != now.attributesText();
    const auto &traces = evidence.before;

    RefreshClassification result;
    result.isNewest = now.toast != 0 ? now.hasNewToast : !attributesChanged;
    if (!now.populated) {
        const bool otherToast = now.hasNewToast || (traces && traces->toast != now.toast);
        const bool rewritten = !before.populated && now.toast != 0 && traces && !otherToast;
        result.verdict = rewritten ? RefreshVerdict::Rewrite : RefreshVerdict::RefreshWithNoData;
        result.contentChanged = before.populated;
        result.certain = result.settled = true;
        return result;
    }

    // REFRESH makes a new TOAST table; VACUUM FULL and its kin keep the old one and exchange its content.
    const bool otherToast = now.hasNewToast || (traces && traces->toast != now.toast);
    const bool sameToast = traces && now.toast != 0 && traces->toast == now.toast;
    const bool emptied = now.rowsEstimate <= 0 && traces && traces->rowsEstimate > 0;
    const bool refreshed = !before.populated || counters.moved || otherToast || emptied
                           || isUncounted(now, evidence.serverMajor) || (evidence.seenRefreshing && !sameToast);
    if (refreshed) {
        result.verdict = sameToast ? RefreshVerdict::ConcurrentRefresh : RefreshVerdict::PlainRefresh;
        result.certain = true;
        result.settled = counters.moved || evidence.countersSettled || !evidence.countersWork;
        result.contentChanged = true;
        result.rowsWritten = counters.written;
        if (result.settled && !counters.moved && silenceProves(evidence))
            result.rowsWritten = 0;
        return result;
    }

    const bool decided = sameToast || evidence.countersSettled || !evidence.countersWork;
    result.certain = result.settled = decided;
    if (!decided || (!silenceProves(evidence) && !sameToast)) {
        result.verdict = RefreshVerdict::ProbableRefresh;
        result.probable = true;
    } else {
        result.verdict = attributesChanged ? RefreshVerdict::Ddl : RefreshVerdict::Rewrite;
    }
    return result;
}

/// The storage is the same: REFRESH CONCURRENTLY or DDL.
RefreshClassification classifySameStorage(const RefreshableBaseline &before, const MatviewRow &now,
                                          const RefreshEvidence &evidence, const Counters &counters)
{
    const bool attributesChanged = before.attributes != now.attributesText();
    RefreshClassification result;
    result.isNewest = !attributesChanged;
    // Without the index that CONCURRENTLY needs they are those of an earlier change.
    if (counters.moved && now.unusableIndex == 0) {
        result = certainly(RefreshVerdict::ConcurrentRefresh);
        result.isNewest = !attributesChanged;
        result.settled = true;
        result.contentChanged = true;
        result.rowsWritten = counters.written;
        return result;
    }
    result.settled = evidence.countersSettled || !evidence.countersWork;
    if (evidence.seenRefreshing.value_or(false)) {
        result.verdict = RefreshVerdict::ConcurrentRefresh;
        result.certain = true;
        if (result.settled && silenceProves(evidence))
            result.rowsWritten = 0;
        return result;
    }
    if (attributesChanged || now.isRenamed || now.isRegranted || now.unusableIndex != 0) {
        result.verdict = RefreshVerdict::Ddl;
        // Without the index that CONCURRENTLY needs there is nothing the counters could still reveal.
        result.settled = result.settled || now.unusableIndex != 0;
        result.certain = result.settled;
        return result;
    }

    // What is left is a refresh that found nothing to change, or DDL that changed nothing (the same GRANT again). The
    // refresh reads the view itself; so do its readers, and then it is only probable.
    constexpr qint64 scansOfARefresh = 4;
    result.verdict = RefreshVerdict::ConcurrentRefresh;
    if (!evidence.before || evidence.countersReset || !evidence.countersWork) {
        result.certain = result.settled;
        result.probable = true;
        return result;
    }
    const qint64 scans = now.scans - evidence.before->scans;
    if (scans > 0) {
        result.certain = true;
        result.probable = scans > scansOfARefresh;
    } else if (result.settled && silenceProves(evidence)) {
        result.verdict = RefreshVerdict::Ddl;
        result.certain = true;
    } else {
        result.certain = result.settled;
        result.probable = true;
    }
    if (result.settled && isRefresh(result.verdict) && silenceProves(evidence))
        result.rowsWritten = 0;
    return result;
}

} // namespace

std::vector<MatviewRow> MatviewRow::read(const pg::ResultSet &rows)
{
    const auto oid = rows.column("oid");
    const auto schema = rows.column("schema");
    const auto name = rows.column("name");
    const auto owner = rows.column("owner");
    const auto xmin = rows.column("xmin");
    const auto committed = rows.column("committed_at");
    const auto relfilenode = rows.column("relfilenode");
    const auto populated = rows.column("populated");
    const auto attributes = rows.column("attributes");
    const auto pages = rows.column("relpages");
    const auto estimate = rows.column("reltuples");
    const auto inserted = rows.column("tuples_inserted");
    const auto deleted = rows.column("tuples_deleted");
    const auto scans = rows.column("scans");
    const auto toast = rows.column("toast");
    const auto created = rows.column("is_created");
    const auto newToast = rows.column("has_new_toast");
    const auto newIndexes = rows.column("has_new_indexes");
    const auto renamed = rows.column("is_renamed");
    const auto regranted = rows.column("is_regranted");
    const auto unusable = rows.column("unusable_index");
    const auto readAt = rows.column("read_at");

    std::vector<MatviewRow> found;
    found.reserve(static_cast<std::size_t>(rows.rowCount()));
    for (int row = 0; row < rows.rowCount(); ++row) {
        MatviewRow view;
        view.oid = rows.oid(row, oid);
        view.name = {rows.text(row, schema), rows.text(row, name)};
        view.owner = rows.text(row, owner);
        view.xmin = rows.oid(row, xmin);
        view.committedAt = rows.instant(row, committed);
        view.relfilenode = rows.oid(row, relfilenode);
        view.populated = rows.boolean(row, populated);
        view.attributes = rows.int64(row, attributes);
        view.pages = rows.int32(row, pages);
        view.rowsEstimate = rows.real(row, estimate);
        view.tuplesInserted = rows.int64(row, inserted);
        view.tuplesDeleted = rows.int64(row, deleted);
        view.scans = rows.int64(row, scans);
        view.toast = rows.oid(row, toast);
        view.isCreated = rows.boolean(row, created);
        view.hasNewToast = rows.boolean(row, newToast);
        if (!rows.isNull(row, newIndexes))
            view.hasNewIndexes = rows.boolean(row, newIndexes);
        view.isRenamed = rows.boolean(row, renamed);
        view.isRegranted = rows.boolean(row, regranted);
        if (!rows.isNull(row, unusable))
            view.unusableIndex = rows.int32(row, unusable);
        view.readAt = rows.instant(row, readAt).value_or(Instant{});
        found.push_back(std::move(view));
    }
    return found;
}

bool isRefresh(RefreshVerdict verdict)
{
    return verdict == RefreshVerdict::PlainRefresh || verdict == RefreshVerdict::ConcurrentRefresh
           || verdict == RefreshVerdict::RefreshWithNoData || verdict == RefreshVerdict::ProbableRefresh;
}

QString toWord(RefreshVerdict verdict)
{
    switch (verdict) {
    case RefreshVerdict::None:
        return QStringLiteral("none");
    case RefreshVerdict::Created:
        return QStringLiteral("created");
    case RefreshVerdict::PlainRefresh:
        return QStringLiteral("plain_refresh");
    case RefreshVerdict::ConcurrentRefresh:
        return QStringLiteral("concurrent_refresh");
    case RefreshVerdict::RefreshWithNoData:
        return QStringLiteral("refresh_with_no_data");
    case RefreshVerdict::ProbableRefresh:
        return QStringLiteral("probable_refresh");
    case RefreshVerdict::Rewrite:
        return QStringLiteral("rewrite");
    case RefreshVerdict::Ddl:
        return QStringLiteral("ddl");
    }
    return {};
}

RefreshClassification classifyChange(const RefreshableBaseline &before, const MatviewRow &now,
                                     const RefreshEvidence &evidence)
{
    if (before.xmin == now.xmin)
        return certainly(RefreshVerdict::None);
    const Counters counters = countersSince(before, now, evidence);
    if (before.relfilenode != now.relfilenode)
        return classifyNewStorage(before, now, evidence, counters);
    return classifySameStorage(before, now, evidence, counters);
}

RefreshClassification classifyFirstSight(const MatviewRow &now)
{
    RefreshClassification result;
    result.settled = true;
    result.certain = true;
    if (now.isCreated) {
        result.verdict = RefreshVerdict::Created;
    } else if (now.hasNewToast) {
        result.verdict = now.populated ? RefreshVerdict::PlainRefresh : RefreshVerdict::RefreshWithNoData;
    } else if (now.isRenamed || now.isRegranted) {
        result.verdict = RefreshVerdict::Ddl;
    } else if (now.toast == 0 && now.hasNewIndexes.value_or(true)) {
        // VACUUM FULL and CLUSTER give the indexes new files too, and a new owner or schema touches their rows.
        result.verdict = now.populated ? RefreshVerdict::PlainRefresh : RefreshVerdict::RefreshWithNoData;
        result.probable = true;
    } else if (now.hasNewIndexes.value_or(false)) {
        result.verdict = RefreshVerdict::Rewrite; // a refresh would have left a new TOAST table
    } else if (now.unusableIndex == 0 && now.populated) {
        result.verdict = RefreshVerdict::ConcurrentRefresh; // ALTER leaves the same
        result.probable = true;
    } else {
        result.verdict = RefreshVerdict::Ddl;
    }
    result.isNewest = isRefresh(result.verdict) || result.verdict == RefreshVerdict::Created;
    return result;
}

} // namespace tidemark

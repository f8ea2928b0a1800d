// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/delta.h"

namespace tidemark::managed {

using Mode = DeltaScope::Mode;

Result<DeltaOutcome> Delta::run(const DeltaScope &scope)
{
    m_outcome.mode = scope.mode;
    if (scope.mode != Mode::Keys) {
        TIDEMARK_CHECK(apply(scope, 0, SIZE_MAX));
        return m_outcome;
    }
    // A value that is unique may go from a row of one batch to a row of another.
    const std::size_t batch = m_target.unique.isEmpty() ? m_options.batch : scope.values.size();
    for (std::size_t first = 0; first < scope.values.size(); first += batch)
        TIDEMARK_CHECK(apply(scope, first, batch));
    return m_outcome;
}

Status Delta::apply(const DeltaScope &scope, std::size_t first, std::size_t count)
{
    const pg::Params params = deltasql::paramsOf(scope, first, count);
    TIDEMARK_TRY(qint64 fetched, affected(deltasql::fetch(m_target, scope), params));
    if (!m_target.isOfKey(scope))
        TIDEMARK_CHECK(fetchWhatLeft(scope, params, fetched));
    if (fetched >= m_options.analyzeFrom) {
        TIDEMARK_TRY([[maybe_unused]] const auto analysed, affected(deltasql::analyze(m_target)));
    }
    // A key that the index guards shows in the count of rows: a scan of the table is cheaper than grouping all keys.
    const bool byCount = scope.mode == Mode::Full && m_target.isKeyGuarded();
    qint64 standing = 0;
    if (byCount) {
        TIDEMARK_TRY(const auto counted, m_transaction.exec(deltasql::countStanding(m_target).toUtf8(), {}, m_call));
        standing = counted.int64(0, 0);
    } else {
        TIDEMARK_CHECK(checkKey());
    }
    TIDEMARK_TRY(const qint64 differing, affected(deltasql::compare(m_target, scope)));
    const bool mayHaveGone = scope.mode != Mode::Full || differing > 0;
    qint64 deleted = 0;
    qint64 updated = 0;
    qint64 inserted = 0;
    if (mayHaveGone) {
        TIDEMARK_TRY(deleted,
                     affected(deltasql::removeGone(m_target, scope), scope.mode == Mode::Full ? pg::Params() : params));
    }
    if (differing > 0) {
        qint64 moved = 0;
        if (!m_target.unique.isEmpty()) {
            TIDEMARK_TRY(moved, affected(deltasql::removeMoved(m_target)));
        }
        TIDEMARK_TRY(updated, affected(deltasql::update(m_target)));
        updated += moved;
        // A key that comes twice and is new fails here, at the index.
        auto added = affected(deltasql::insert(m_target));
        if (!added)
            return fail(
                added.error().within(QStringLiteral("adding the new rows of %1").arg(m_target.definition.display())));
        inserted = *added - moved;
    }
    if (byCount && fetched - inserted != standing - deleted)
        TIDEMARK_CHECK(checkKey());
    TIDEMARK_TRY([[maybe_unused]] const auto dropped, affected(deltasql::drop()));
    m_outcome.compared += fetched;
    m_outcome.deleted += deleted;
    m_outcome.updated += updated;
    m_outcome.inserted += inserted;
    return {};
}

Status Delta::fetchWhatLeft(const DeltaScope &scope, const pg::Params &params, qint64 &fetched)
{
    // Keys go through text, and back: other styles print zones by names that are ambiguous.
    TIDEMARK_TRY([[maybe_unused]] const auto plain, m_transaction.exec("SET LOCAL DateStyle = 'ISO'"));
    TIDEMARK_TRY(const auto rows, m_transaction.exec(deltasql::missing(m_target, scope).toUtf8(), params, m_call));
    TIDEMARK_TRY([[maybe_unused]] const auto ofTheRole, m_transaction.exec("SET LOCAL DateStyle TO DEFAULT"));
    DeltaScope left = DeltaScope::keys(m_target.key, {});
    for (int row = 0; row < rows.rowCount(); ++row) {
        std::vector<std::optional<QString>> key;
        for (int column = 0; column < rows.columnCount(); ++column)
            key.push_back(rows.isNull(row, column) ? std::nullopt : std::optional(rows.text(row, column)));
        left.values.push_back(std::move(key));
    }
    for (std::size_t first = 0; first < left.values.size(); first += m_options.batch) {
        TIDEMARK_TRY(const qint64 more,
                     affected(deltasql::fetchMore(m_target, left), deltasql::paramsOf(left, first, m_options.batch)));
        fetched += more;
    }
    return {};
}

Status Delta::checkKey()
{
    TIDEMARK_TRY(const auto rows, m_transaction.exec(deltasql::duplicate(m_target).toUtf8(), {}, m_call));
    if (rows.isEmpty())
        return {};
    QStringList values;
    for (qsizetype index = 0; index < m_target.key.size(); ++index) {
        const int column = static_cast<int>(index);
        values << QStringLiteral("%1 = %2").arg(m_target.key.at(index),
                                                rows.isNull(0, column) ? QStringLiteral("NULL") : rows.text(0, column));
    }
    Error error = Error::input(
        QStringLiteral("%1 has the key %2 %3 times: it is no key")
            .arg(m_target.definition.display(), values.join(QStringLiteral(", ")),
                 rows.text(0, static_cast<int>(m_target.key.size()))),
        QStringLiteral("Correct the view or the rows it reads, or keep the table by more columns."));
    error.kind = ErrorKind::Constraint;
    return fail(error);
}

} // namespace tidemark::managed

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshevent.h"
#include "ui/models/snapshotmodel.h"

#include <tuple>

namespace tidemark::ui {

struct RefreshRow
{
    QString server;
    QString database;
    RefreshEvent event;

    [[nodiscard]] std::tuple<QString, QString, qint64> key() const { return {server, database, event.id}; }
    friend bool operator==(const RefreshRow &, const RefreshRow &) = default;
};

/// What happened, from every source, as the local store merged it. GUI thread only.
class RefreshHistoryModel final : public SnapshotModel<RefreshRow, std::tuple<QString, QString, qint64>>
{
    Q_OBJECT

public:
    explicit RefreshHistoryModel(QObject *parent = nullptr);

private:
    void describeColumns();
};

/// The durations of one object over a while.
struct RefreshSummary
{
    QString server;
    QString database;
    pg::QualifiedName name;
    int runs = 0;
    int failures = 0;
    int timed = 0; ///< of the runs, how many tell their duration; the percentiles are over these
    std::optional<Millis> median;
    std::optional<Millis> p95;
    std::optional<Millis> longest;
    QList<double> durations; ///< ms, oldest first, for the trend

    [[nodiscard]] std::tuple<QString, QString, pg::QualifiedName> key() const { return {server, database, name}; }
    friend bool operator==(const RefreshSummary &, const RefreshSummary &) = default;
};

/// One a name and database, sorted by key. Percentiles by nearest rank: each is a duration that really was. Failed runs
/// are counted and not timed. Pure; any thread.
[[nodiscard]] std::vector<RefreshSummary> summarize(const std::vector<RefreshRow> &rows);

class RefreshSummaryModel final : public SnapshotModel<RefreshSummary, std::tuple<QString, QString, pg::QualifiedName>>
{
    Q_OBJECT

public:
    explicit RefreshSummaryModel(QObject *parent = nullptr);
};

/// When it ended for the table and the chart: the finish, a bracket's later end, else the start.
[[nodiscard]] std::optional<Instant> momentOf(const RefreshEvent &event);

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/run.h"
#include "ui/models/snapshotmodel.h"
#include "ui/models/snapshotparts.h"

#include <tuple>

namespace tidemark::ui {

struct RunRow
{
    QString server;
    QString database;
    RunRecord run;

    /// The newest first.
    [[nodiscard]] std::tuple<QString, QString, qint64> key() const { return {server, database, -run.id}; }
    friend bool operator==(const RunRow &, const RunRow &) = default;
};

/// How a run stands, in a word or two: "Running", "Held back", "Waits for you", "Not driven".
[[nodiscard]] QString runStateText(const RunRecord &run);
[[nodiscard]] Severity severityOf(const RunRecord &run);
/// "1.2 M of 5.0 M"; empty where nothing is counted.
[[nodiscard]] QString rowsOfText(const std::optional<qint64> &done, const std::optional<qint64> &total);

/// The runs of all databases in scope. GUI thread only.
class RunModel final : public SnapshotModel<RunRow, std::tuple<QString, QString, qint64>>
{
    Q_OBJECT

public:
    explicit RunModel(QObject *parent = nullptr);
    void setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments);

private:
    std::vector<DatabasePart<std::vector<RunRecord>>> m_parts;
};

} // namespace tidemark::ui

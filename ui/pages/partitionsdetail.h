// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/historystore.h"
#include "ui/models/partitionedtablemodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/widgets/detailpanel.h"

#include <QTimer>

namespace tidemark::ui {

class TimeChart;

/// The selected partitioned table in full, and the selected partition of it. The server's statistics of both are asked for
/// when the selection rests, on a session of their own.
class PartitionsDetail : public DetailPanel
{
    Q_OBJECT

public:
    explicit PartitionsDetail(const PageContext &context, QWidget *parent = nullptr);

    /// `system` names its server in the local store. Of what is replayed the server is not asked: it tells the present.
    void show(const PartitionedTableRow &row, const QString &system, Instant now, bool isPast);
    void showPartition(std::shared_ptr<const Partition> partition);
    void showNothing();
    void setNow(Instant now);

private:
    void updateFacts();
    void updatePartition();
    void readGrowth();
    void readStatistics();
    void readPartitionStatistics();
    void ask(const ObjectRef &object, LatestOnly &latest, const QString &section);
    void drawGrowth();

    PageContext m_context;
    std::optional<PartitionedTableRow> m_row;
    std::shared_ptr<const Partition> m_partition;
    QString m_system;
    Instant m_now;
    bool m_isPast = false;
    std::vector<SizeSample> m_sizes;
    QTimer m_settled;
    LatestOnly m_reading;
    QTimer m_partitionSettled;
    LatestOnly m_askingTable;
    LatestOnly m_askingPartition;
    TimeChart *m_growth;
};

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/partitionedtablemodel.h"
#include "ui/models/partitionmodel.h"
#include "ui/pages/page.h"

class QSplitter;

namespace tidemark::ui {

class PartitionsDetail;
class PartitionStrip;

/// Partitioned tables and hypertables on the left; the selected one's partitions as a strip and as a table on the right.
class PartitionsPage : public Page
{
    Q_OBJECT

public:
    explicit PartitionsPage(const PageContext &context, QWidget *parent = nullptr);

    void setFilterText(const QString &text) override;
    [[nodiscard]] QWidget *detailWidget() override;
    bool showObject(const ObjectRef &object) override;
    [[nodiscard]] QWidget *mainWidget() override;
    [[nodiscard]] QString saveLayout() const override;
    void restoreLayout(const QString &layout) override;
    [[nodiscard]] Badge badge(const Snapshots &snapshots, const Moments &moments) const override;

protected:
    void updateContent(const Snapshots &inScope) override;
    void updateAges(const Moments &moments) override;
    [[nodiscard]] bool hasData(const ServerSnapshot &server, const DatabaseSnapshot &database) const override;
    [[nodiscard]] bool isEmpty() const override;
    [[nodiscard]] EmptyText emptyText() const override;
    [[nodiscard]] QStringList collectors() const override;

private:
    void updateSelection();
    void onPartitionRow(const QModelIndex &source);
    void onStripSelected(quint32 oid);
    bool selectTable(const ObjectRef &object);
    bool selectPartition(quint32 oid);

    PartitionedTableModel *m_tables;
    PartitionModel *m_partitions;
    DataTable *m_tablesView;
    DataTable *m_partitionsView;
    PartitionStrip *m_strip;
    PartitionsDetail *m_detail;
    QSplitter *m_columns;
    QSplitter *m_rows;
};

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/partitionspage.h"

#include "ui/charts/partitionstrip.h"
#include "ui/models/severity.h"
#include "ui/pages/partitionsdetail.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSplitter>
#include <QVBoxLayout>

namespace tidemark::ui {

PartitionsPage::PartitionsPage(const PageContext &context, QWidget *parent)
    : Page(QStringLiteral("partitions"), tr("Partitions"), QStringLiteral("partitions"), context, parent)
    , m_tables(new PartitionedTableModel(this))
    , m_partitions(new PartitionModel(this))
    , m_tablesView(new DataTable(tr("Partitioned tables"), this))
    , m_partitionsView(new DataTable(tr("Partitions of the selected table"), this))
    , m_strip(new PartitionStrip(this))
    , m_detail(new PartitionsDetail(context, this))
    , m_columns(new QSplitter(Qt::Horizontal, this))
    , m_rows(new QSplitter(Qt::Vertical, this))
{
    m_tablesView->setSource(m_tables);
    m_tablesView->setDelegateFor("status", new StatusDelegate(m_tablesView));
    m_tablesView->sortByColumnId("status", Qt::AscendingOrder);
    m_partitionsView->setSource(m_partitions);
    // Names of partitions differ at their ends.
    m_partitionsView->setTextElideMode(Qt::ElideMiddle);
    m_partitionsView->sortByColumnId("bounds", Qt::DescendingOrder);

    auto *stripBox = new QWidget(this);
    auto *stripLayout = new QVBoxLayout(stripBox);
    const int margin = spacing(this, 3);
    stripLayout->setContentsMargins(margin, margin / 2, margin, margin / 2);
    stripLayout->addWidget(m_strip);
    stripBox->setAutoFillBackground(true);
    stripBox->setBackgroundRole(QPalette::Base);

    m_rows->addWidget(stripBox);
    m_rows->addWidget(m_partitionsView);
    m_rows->setStretchFactor(0, 2);
    m_rows->setStretchFactor(1, 3);
    m_columns->addWidget(m_tablesView);
    m_columns->addWidget(m_rows);
    m_columns->setStretchFactor(0, 1);
    m_columns->setStretchFactor(1, 1);
    for (QSplitter *splitter : {m_rows, m_columns})
        splitter->setChildrenCollapsible(false);

    connect(m_tablesView, &DataTable::currentRowChanged, this, &PartitionsPage::updateSelection);
    connect(m_partitionsView, &DataTable::currentRowChanged, this, &PartitionsPage::onPartitionRow);
    connect(m_strip, &PartitionStrip::partitionSelected, this, &PartitionsPage::onStripSelected);
    setContent(m_columns);
}

void PartitionsPage::setFilterText(const QString &text)
{
    m_tablesView->setFilterText(text);
}

QWidget *PartitionsPage::detailWidget()
{
    return m_detail;
}

QWidget *PartitionsPage::mainWidget()
{
    return m_tablesView;
}

QString PartitionsPage::saveLayout() const
{
    const QJsonObject layout{{QStringLiteral("tables"), m_tablesView->saveLayout()},
                             {QStringLiteral("partitions"), m_partitionsView->saveLayout()},
                             {QStringLiteral("columns"), QString::fromLatin1(m_columns->saveState().toBase64())},
                             {QStringLiteral("rows"), QString::fromLatin1(m_rows->saveState().toBase64())}};
    return QString::fromUtf8(QJsonDocument(layout).toJson(QJsonDocument::Compact));
}

void PartitionsPage::restoreLayout(const QString &text)
{
    const QJsonObject layout = QJsonDocument::fromJson(text.toUtf8()).object();
    const auto state = [&layout](const char *key) {
        return QByteArray::fromBase64(layout.value(QLatin1String(key)).toString().toLatin1());
    };
    m_tablesView->restoreLayout(layout.value(QLatin1String("tables")).toString());
    m_partitionsView->restoreLayout(layout.value(QLatin1String("partitions")).toString());
    m_columns->restoreState(state("columns"));
    m_rows->restoreState(state("rows"));
}

void PartitionsPage::updateContent(const Snapshots &inScope)
{
    m_tables->setSnapshots(inScope, scope(), moments());
    m_tablesView->selectFirst();
    updateSelection();
}

void PartitionsPage::updateAges(const Moments &moments)
{
    m_tables->setMoments(moments);
    m_partitions->setMoments(moments);
    m_partitionsView->viewport()->update();
    const QModelIndex current = m_tablesView->currentSource();
    if (current.isValid())
        m_detail->setNow(m_tables->nowOf(m_tables->row(current.row())));
}

void PartitionsPage::updateSelection()
{
    const QModelIndex current = m_tablesView->currentSource();
    if (!current.isValid()) {
        m_strip->setTable(nullptr, moments().local);
        m_partitions->setTable({}, {}, nullptr, moments());
        m_detail->showNothing();
        return;
    }
    const PartitionedTableRow &row = m_tables->row(current.row());
    const auto database = databaseOf(snapshots(), row.server, row.database);
    const Instant now = m_tables->nowOf(row);
    m_strip->setTable(row.table, now);
    m_partitions->setTable(row.server, row.database, row.table, moments());
    m_detail->show(row, database ? database->capabilities.systemIdentifier : QString(), now, isReplaying());
    onPartitionRow(m_partitionsView->currentSource());
}

void PartitionsPage::onPartitionRow(const QModelIndex &source)
{
    if (!source.isValid()) {
        m_strip->selectPartition(0);
        m_detail->showPartition(nullptr);
        return;
    }
    const auto &partition = m_partitions->row(source.row()).partition;
    if (m_strip->selectedPartition() != partition->oid)
        m_strip->selectPartition(partition->oid);
    m_detail->showPartition(partition);
}

void PartitionsPage::onStripSelected(quint32 oid)
{
    selectPartition(oid);
}

bool PartitionsPage::selectPartition(quint32 oid)
{
    const auto index = m_partitions->indexOfKey(oid);
    if (!index)
        return false;
    const QModelIndex shown = m_partitionsView->proxy()->mapFromSource(m_partitions->index(*index, 0));
    m_partitionsView->setCurrentIndex(shown);
    m_partitionsView->scrollTo(shown);
    return shown.isValid();
}

bool PartitionsPage::selectTable(const ObjectRef &object)
{
    for (int index = 0; index < m_tables->rowCount(); ++index) {
        const PartitionedTableRow &row = m_tables->row(index);
        if (row.server != object.server || row.database != object.database)
            continue;
        const bool itself = object.oid != 0 ? row.table->oid == object.oid : row.table->name == object.name;
        if (!itself)
            continue;
        const QModelIndex shown = m_tablesView->proxy()->mapFromSource(m_tables->index(index, 0));
        m_tablesView->setCurrentIndex(shown);
        m_tablesView->scrollTo(shown);
        return shown.isValid();
    }
    return false;
}

bool PartitionsPage::showObject(const ObjectRef &object)
{
    if (object.kind == ObjectKind::PartitionedTable)
        return selectTable(object);
    if (object.kind != ObjectKind::Partition)
        return false;
    for (const PartitionedTableRow &row : m_tables->rows()) {
        if (row.server != object.server || row.database != object.database)
            continue;
        for (const Partition &partition : row.table->partitions) {
            if (partition.oid == object.oid)
                return selectTable(
                           {ObjectKind::PartitionedTable, row.server, row.database, row.table->oid, row.table->name, 0})
                       && selectPartition(object.oid);
        }
    }
    return false;
}

bool PartitionsPage::hasData(const ServerSnapshot &, const DatabaseSnapshot &database) const
{
    return database.partitions != nullptr;
}

bool PartitionsPage::isEmpty() const
{
    return m_tables->rowCount() == 0;
}

EmptyText PartitionsPage::emptyText() const
{
    return {
        QStringLiteral("partitions"),
        tr("No partitioned tables"),
        tr("There is no partitioned table, inheritance parent or hypertable in scope. One that is created appears here by "
           "itself."),
        {}};
}

QStringList PartitionsPage::collectors() const
{
    return {QStringLiteral("partitions")};
}

Page::Badge PartitionsPage::badge(const Snapshots &snapshots, const Moments &moments) const
{
    Badge badge{0, Severity::Ok};
    for (const auto &[server, database, part] : partsOf(snapshots, scope(), &DatabaseSnapshot::partitions)) {
        for (const auto &table : part->tables) {
            const Severity severity = severityOf(
                partitionHealth(*table, snapshots.value(server)->shortRunway, moments.of(server)));
            if (severity != Severity::Critical && severity != Severity::Warning)
                continue;
            ++badge.count;
            badge.severity = worse(badge.severity, severity);
        }
    }
    return badge;
}

} // namespace tidemark::ui

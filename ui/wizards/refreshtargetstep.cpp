// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/refreshtargetstep.h"

#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/emptystate.h"

#include <QComboBox>
#include <QItemSelectionModel>
#include <QLabel>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

RefreshTargetStep::RefreshTargetStep(RefreshDraft &draft, QWidget *parent)
    : StepOf(tr("Target"), draft, parent)
    , m_database(new QComboBox(this))
    , m_model(new FreshnessModel(this))
    , m_table(new DataTable(tr("Views and tables to refresh"), this))
    , m_empty(new EmptyState(this))
    , m_stack(new QStackedWidget(this))
{
    m_database->setAccessibleName(tr("Database"));
    m_database->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_table->setSource(m_model);
    m_table->setDelegateFor("status", new StatusDelegate(m_table));
    m_table->sortByColumnId("status", Qt::AscendingOrder);
    // All are of one database, and how it is held to its target is the Freshness page's matter.
    const QList<QByteArray> unwanted{"database", "target_used", "target", "trend", "next_scheduled"};
    for (int column = 0; column < m_model->columnCount(); ++column) {
        if (unwanted.contains(m_model->headerData(column, Qt::Horizontal, ColumnIdRole).toByteArray()))
            m_table->setColumnWanted(column, false);
    }
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_table);
    m_empty->setContent(
        QStringLiteral("freshness"), tr("Nothing to refresh"),
        tr("The chosen database has no materialized view or continuous aggregate, or none is connected."));
    auto *label = new QLabel(tr("&Database"), this);
    label->setBuddy(m_database);
    auto *hint = new QLabel(tr("One or several: Shift and Ctrl add to the selection, Ctrl+A takes all."), this);
    hint->setForegroundRole(QPalette::PlaceholderText);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    row->setSpacing(spacing(this, 3));
    row->addWidget(label);
    row->addWidget(m_database);
    row->addSpacing(spacing(this, 4));
    row->addWidget(hint, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(row);
    layout->addWidget(m_stack, 1);
    connect(m_database, &QComboBox::currentIndexChanged, this, [this]() {
        const QStringList place = m_database->currentData().toStringList();
        this->draft().server = place.value(0);
        this->draft().database = place.value(1);
        showDatabase();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RefreshTargetStep::choose);
    connect(m_table, &DataTable::rowActivated, this, [this]() {
        if (isComplete())
            Q_EMIT nextRequested();
    });
}

void RefreshTargetStep::setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments,
                                     bool mayChoose)
{
    m_snapshots = snapshots;
    m_scope = scope;
    m_moments = moments;
    if (!mayChoose && !m_wanted)
        return;
    fillDatabases();
    showDatabase();
}

void RefreshTargetStep::preselect(const ObjectRef &object)
{
    m_wanted = object;
    draft().server = object.server;
    draft().database = object.database;
    draft().spec.names = {object.name};
    fillDatabases();
    showDatabase();
}

bool RefreshTargetStep::isFilled() const
{
    return m_database->count() > 0;
}

void RefreshTargetStep::fillDatabases()
{
    QList<QStringList> places;
    for (const ServerSnapshotPtr &server : std::as_const(m_snapshots)) {
        for (const auto &[name, database] : server->databases) {
            const bool isWanted = server->name == draft().server && name == draft().database;
            if (database->freshness && (isWanted || m_scope.covers(server->name, name)))
                places << QStringList{server->name, name};
        }
    }
    QList<QStringList> shown;
    for (int index = 0; index < m_database->count(); ++index)
        shown << m_database->itemData(index).toStringList();
    const QSignalBlocker quiet(m_database);
    if (shown != places) {
        m_database->clear();
        for (const QStringList &place : places)
            m_database->addItem(placeText(place[0], place[1]), place);
    }
    const auto known = places.indexOf(QStringList{draft().server, draft().database});
    if (places.isEmpty() || (known < 0 && m_wanted))
        return;
    const auto chosen = std::max<qsizetype>(0, known);
    m_database->setCurrentIndex(static_cast<int>(chosen));
    draft().server = places[chosen][0];
    draft().database = places[chosen][1];
}

void RefreshTargetStep::showDatabase()
{
    m_model->setSnapshots(m_snapshots, {draft().server, draft().database}, m_moments);
    m_stack->setCurrentWidget(m_model->rowCount() > 0 ? static_cast<QWidget *>(m_table) : m_empty);
    if (m_wanted && m_table->selectObject(*m_wanted))
        m_wanted.reset();
    else if (!m_wanted && !m_table->selectionModel()->hasSelection())
        m_table->selectFirst();
    choose();
}

void RefreshTargetStep::enter()
{
    fillDatabases();
    showDatabase();
}

void RefreshTargetStep::choose()
{
    if (m_wanted)
        return; // it is chosen, though it is not listed yet
    std::vector<pg::QualifiedName> names;
    bool hasAggregates = false;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    for (const QModelIndex &index : rows) {
        const FreshnessRow &row = m_model->row(m_table->proxy()->mapToSource(index).row());
        names.push_back(row.refreshable->name);
        hasAggregates = hasAggregates || row.refreshable->kind == RefreshableKind::ContinuousAggregate;
    }
    std::sort(names.begin(), names.end());
    if (names != draft().spec.names) {
        draft().plan.reset();
        // What was accepted was accepted for what was chosen then.
        draft().spec.acceptsLock = draft().spec.way == refresh::Way::Plain;
    }
    draft().spec.names = std::move(names);
    draft().hasAggregates = hasAggregates;
    Q_EMIT completeChanged();
}

bool RefreshTargetStep::isComplete() const
{
    return !draft().spec.names.empty();
}

QWidget *RefreshTargetStep::mainWidget()
{
    return m_stack->currentWidget() == m_table ? static_cast<QWidget *>(m_table) : m_database;
}

void RefreshTargetStep::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

} // namespace tidemark::ui

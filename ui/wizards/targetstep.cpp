// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/targetstep.h"

#include "ui/models/snapshotparts.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/emptystate.h"

#include <QComboBox>
#include <QLabel>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

TargetStep::TargetStep(const PageContext &context, ChangeDraft &draft, CandidatesFor change, const QString &hintText,
                       QWidget *parent)
    : StepOf(tr("Target"), draft, parent)
    , m_context(context)
    , m_change(change)
    , m_database(new QComboBox(this))
    , m_model(new CandidateModel(this))
    , m_table(new DataTable(tr("Tables"), this))
    , m_empty(new EmptyState(this))
    , m_stack(new QStackedWidget(this))
{
    m_database->setAccessibleName(tr("Database"));
    m_database->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_table->setSource(m_model);
    m_table->setColumnWanted(m_model->columnCount() - 1, change == CandidatesFor::StagedMigration);
    m_table->sortByColumnId("size", Qt::DescendingOrder);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_table);
    auto *label = new QLabel(tr("&Database"), this);
    label->setBuddy(m_database);
    auto *hint = new QLabel(hintText, this);
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
        if (place.value(0) == this->draft().server && place.value(1) == this->draft().database)
            return;
        this->draft().server = place.value(0);
        this->draft().database = place.value(1);
        this->draft().table.reset();
        read();
    });
    connect(m_table, &DataTable::currentRowChanged, this, &TargetStep::choose);
    connect(m_table, &DataTable::rowActivated, this, [this]() {
        if (isComplete())
            Q_EMIT nextRequested();
    });
    m_empty->setContent(QStringLiteral("table"), tr("No database is connected"),
                        tr("As soon as one is, its tables are listed here."));
}

void TargetStep::setSnapshots(const Snapshots &snapshots, const Scope &scope, bool mayChoose)
{
    m_snapshots = snapshots;
    m_scope = scope;
    if (mayChoose)
        fillDatabases();
}

void TargetStep::fillDatabases()
{
    QList<QStringList> places;
    for (const ServerSnapshotPtr &server : std::as_const(m_snapshots)) {
        for (const auto &[name, database] : server->databases) {
            if (database->state == WatchState::Live && m_scope.covers(server->name, name))
                places << QStringList{server->name, name};
        }
    }
    QList<QStringList> shown;
    for (int index = 0; index < m_database->count(); ++index)
        shown << m_database->itemData(index).toStringList();
    if (shown == places)
        return;
    const QStringList chosen{draft().server, draft().database};
    {
        const QSignalBlocker quiet(m_database);
        m_database->clear();
        for (const QStringList &place : places)
            m_database->addItem(placeText(place[0], place[1]), place);
        m_database->setCurrentIndex(std::max(0, static_cast<int>(places.indexOf(chosen))));
    }
    if (places.isEmpty())
        return;
    if (places.contains(chosen)) {
        if (!m_filled)
            read();
        return;
    }
    m_wanted.reset();
    draft().server = places.first()[0];
    draft().database = places.first()[1];
    draft().table.reset();
    read();
}

void TargetStep::enter()
{
    fillDatabases();
    read();
}

void TargetStep::read()
{
    const auto access = m_context.accessTo && !draft().server.isEmpty() ? m_context.accessTo(draft().server)
                                                                        : std::nullopt;
    if (!access)
        return;
    const auto database = databaseOf(m_snapshots, draft().server, draft().database);
    draft().hasTimescale = database && database->capabilities.hasExtension(QStringLiteral("timescaledb"));
    if (m_model->rowCount() == 0)
        m_empty->setContent(QStringLiteral("table"), tr("Reading the tables…"), {});
    m_context.runner->run(
        this, m_reading,
        [info = connInfoOf(*access, draft().database),
         change = m_change](const std::stop_token &stop) -> Result<std::vector<TableCandidate>> {
            pg::SessionOptions options;
            options.applicationName = QStringLiteral("tidemark planning");
            TIDEMARK_TRY(pg::Session session, pg::Session::open(info, options, stop));
            return readCandidates(session, change, {.stop = stop});
        },
        [this](const Result<std::vector<TableCandidate>> &candidates) { take(candidates); });
}

void TargetStep::take(const Result<std::vector<TableCandidate>> &candidates)
{
    m_filled = true;
    if (!candidates) {
        m_stack->setCurrentWidget(m_empty);
        m_empty->setContent(QStringLiteral("critical"), tr("The tables cannot be read"), candidates.error().summary());
        return;
    }
    const auto kept = draft().table;
    m_model->setRows(*candidates);
    m_stack->setCurrentWidget(m_model->rowCount() > 0 ? static_cast<QWidget *>(m_table) : m_empty);
    m_empty->setContent(QStringLiteral("table"), tr("No table"),
                        m_change == CandidatesFor::StagedMigration
                            ? tr("%1 has no ordinary tables: what is partitioned already, belongs to an extension or "
                                 "to the system is not listed.")
                                  .arg(draft().database)
                            : tr("%1 has no tables: what belongs to an extension or to the system is not listed.")
                                  .arg(draft().database));
    auto row = kept ? m_model->indexOfKey(kept->oid) : std::nullopt;
    for (int index = 0; m_wanted && index < m_model->rowCount(); ++index) {
        if (m_model->row(index).name == *m_wanted)
            row = index;
    }
    m_wanted.reset();
    if (row)
        m_table->setCurrentIndex(m_table->proxy()->mapFromSource(m_model->index(*row, 0)));
    else
        m_table->selectFirst();
    showTables(*candidates);
    choose();
    if (isVisible() && m_database->hasFocus() == false)
        m_table->setFocus(Qt::OtherFocusReason);
}

void TargetStep::choose()
{
    const QModelIndex index = m_table->currentSource();
    draft().table = index.isValid() ? std::optional(m_model->row(index.row())) : std::nullopt;
    Q_EMIT completeChanged();
}

bool TargetStep::isComplete() const
{
    return draft().table.has_value();
}

QWidget *TargetStep::mainWidget()
{
    return m_stack->currentWidget() == m_table ? static_cast<QWidget *>(m_table) : m_database;
}

void TargetStep::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/page.h"

#include "core/base/clock.h"
#include "core/base/units.h"
#include "ui/charts/chart.h"
#include "ui/services/dialogs.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/datatree.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/messagebar.h"

#include <QGraphicsOpacityEffect>
#include <QSaveFile>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

namespace {

/// A server that answers nothing: its own error, or that of the database in scope.
const Error *errorOf(const ServerSnapshot &server, const Scope &scope, const QStringList &collectors)
{
    if (server.error)
        return &*server.error;
    for (const auto &[name, database] : server.databases) {
        if (!scope.covers(server.name, name))
            continue;
        if (database->error)
            return &*database->error;
        for (const QString &collector : collectors) {
            const auto found = database->errors.constFind(collector);
            if (found != database->errors.constEnd())
                return &*found;
        }
    }
    return nullptr;
}

} // namespace

QString pageIdOf(ObjectKind kind)
{
    switch (kind) {
    case ObjectKind::Refreshable:
        return QStringLiteral("freshness");
    case ObjectKind::PartitionedTable:
    case ObjectKind::Partition:
        return QStringLiteral("partitions");
    case ObjectKind::Backend:
        return QStringLiteral("locks");
    case ObjectKind::Job:
    case ObjectKind::Alerts:
        return QStringLiteral("history");
    case ObjectKind::Server:
    case ObjectKind::Database:
        break;
    }
    return {};
}

Page::Page(const QString &id, const QString &title, const QString &iconName, const PageContext &context,
           QWidget *parent)
    : QWidget(parent)
    , m_id(id)
    , m_title(title)
    , m_iconName(iconName)
    , m_context(context)
    , m_message(new MessageBar(this))
    , m_empty(new EmptyState(this))
    , m_stack(new QStackedLayout)
{
    setObjectName(id);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_message);
    layout->addLayout(m_stack, 1);
    m_stack->addWidget(m_empty);

    m_clock.setInterval(1000);
    connect(&m_clock, &QTimer::timeout, this, [this]() {
        if (isVisible() && !isReplaying())
            updateAges(moments());
    });
    m_clock.start();
    connect(m_empty, &EmptyState::otherActionTriggered, this, &Page::otherEmptyActionTriggered);
    connect(m_empty, &EmptyState::actionTriggered, this, [this]() {
        if (m_state == State::NoServer)
            Q_EMIT connectRequested();
        else if (m_state == State::Failed)
            Q_EMIT retryRequested(m_failedServer);
        else
            Q_EMIT emptyActionTriggered();
    });
    connect(m_message, &MessageBar::actionTriggered, this, [this]() { Q_EMIT retryRequested(m_failedServer); });
}

Page::~Page() = default;

void Page::setContent(QWidget *content)
{
    m_content = content;
    m_stack->addWidget(content);
    decideState({});
}

Moments Page::moments() const
{
    return momentsOf(m_snapshots, m_context.clock->now());
}

bool Page::isReplaying() const
{
    return std::any_of(m_snapshots.begin(), m_snapshots.end(), [](const auto &snapshot) { return snapshot->replayed; });
}

Snapshots Page::inScope() const
{
    Snapshots result;
    for (auto it = m_snapshots.begin(); it != m_snapshots.end(); ++it) {
        if (m_scope.covers(it.key()))
            result.insert(it.key(), it.value());
    }
    return result;
}

void Page::setScope(const Scope &scope)
{
    if (scope == m_scope)
        return;
    m_scope = scope;
    refresh();
}

void Page::setSnapshots(const Snapshots &snapshots)
{
    m_snapshots = snapshots;
    refresh();
}

void Page::refresh()
{
    if (!isVisible()) {
        m_behind = true;
        return;
    }
    m_behind = false;
    const Snapshots now = inScope();
    updateContent(now);
    updateAges(moments());
    decideState(now);
}

void Page::setReadError(const std::optional<Error> &error)
{
    m_readError = error;
    decideState(inScope());
}

std::optional<Error> Page::storeError() const
{
    if (m_readError || !showsHistory())
        return m_readError;
    for (const ServerSnapshotPtr &server : m_snapshots) {
        if (server->storeError)
            return server->storeError;
    }
    return m_context.storeError;
}

void Page::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    connectExports();
    if (m_behind)
        refresh();
}

void Page::decideState(const Snapshots &now)
{
    bool anyData = false;
    const Error *error = nullptr;
    QString failed;
    Instant lastGood;
    for (const ServerSnapshotPtr &server : now) {
        for (const auto &[name, database] : server->databases)
            anyData = anyData || (m_scope.covers(server->name, name) && hasData(*server, *database));
        if (const Error *own = errorOf(*server, m_scope, collectors()); own && !error) {
            error = own;
            failed = server->name;
            lastGood = server->takenAt;
        }
    }
    const State before = m_state;
    m_failedServer = failed;
    if (now.isEmpty())
        m_state = State::NoServer;
    else if (showsFailures())
        m_state = State::Live;
    else if (error && !anyData)
        m_state = State::Failed;
    else if (error)
        m_state = State::Stale;
    else if (!anyData)
        m_state = State::Loading;
    else
        m_state = isEmpty() ? State::Empty : State::Live;

    if (const auto silent = storeError(); silent && (m_state == State::Live || m_state == State::Empty)) {
        m_state = State::Stale;
        m_message->showError(silent->within(tr("the history")), Severity::Warning);
    } else if (m_state == State::Stale)
        m_message->showError(error->within(failed), Severity::Warning, tr("Retry now"));
    else
        m_message->clear();

    switch (m_state) {
    case State::NoServer:
        m_empty->setContent(
            QStringLiteral("server"), tr("No server is watched"),
            tr("Connect to a PostgreSQL server to see its freshness, partitions and locks. Watching needs no "
               "more than the right to connect, and changes nothing."),
            tr("Connect…"));
        break;
    case State::Loading:
        m_empty->setContent(m_iconName, tr("Reading %1…").arg(m_title.toLower()),
                            tr("The first reading of %1 is under way.").arg(now.keys().join(QStringLiteral(", "))));
        break;
    case State::Failed: {
        const bool refused = error->kind == ErrorKind::Permission;
        QString sentence = error->summary();
        if (!error->hint.isEmpty())
            sentence += QLatin1Char('\n') + error->hint;
        if (!error->sqlState.isEmpty())
            sentence += QLatin1Char('\n') + tr("SQLSTATE %1").arg(QString::fromLatin1(error->sqlState));
        m_empty->setContent(QStringLiteral("critical"),
                            refused ? tr("%1 does not permit this").arg(failed) : tr("%1 cannot be read").arg(failed),
                            sentence, tr("Retry now"));
        break;
    }
    case State::Empty: {
        const EmptyText text = emptyText();
        m_empty->setContent(text.icon, text.title, text.sentence, text.action, text.otherAction);
        break;
    }
    case State::Live:
    case State::Stale:
        break;
    }
    const bool content = m_state == State::Live || m_state == State::Stale;
    if (content && m_content)
        m_stack->setCurrentWidget(m_content);
    else
        m_stack->setCurrentWidget(m_empty);
    if (m_state != before)
        Q_EMIT stateChanged();
}

QList<Chart *> Page::charts() const
{
    QList<Chart *> found = findChildren<Chart *>();
    if (QWidget *detail = const_cast<Page *>(this)->detailWidget(); detail && !isAncestorOf(detail))
        found += detail->findChildren<Chart *>();
    found.removeIf([](const Chart *chart) { return !chart->isVisible(); });
    return found;
}

QList<DataTable *> Page::tables() const
{
    QList<DataTable *> found = findChildren<DataTable *>();
    found.removeIf([](const DataTable *table) { return !table->isVisible(); });
    return found;
}

QList<DataTree *> Page::trees() const
{
    QList<DataTree *> found = findChildren<DataTree *>();
    found.removeIf([](const DataTree *tree) { return !tree->isVisible(); });
    return found;
}

QString Page::trouble() const
{
    switch (m_state) {
    case State::NoServer:
        return tr("no server is watched");
    case State::Loading:
        return tr("nothing was read yet");
    case State::Failed:
    case State::Stale:
        break;
    case State::Empty:
    case State::Live:
        return {};
    }
    for (const ServerSnapshotPtr &server : m_snapshots) {
        if (const Error *error = errorOf(*server, m_scope, collectors()))
            return QStringLiteral("%1: %2").arg(server->name, error->summary());
    }
    if (const auto error = storeError())
        return error->summary();
    return tr("what it shows is old");
}

void Page::connectExports()
{
    QList<Chart *> all = findChildren<Chart *>();
    if (QWidget *detail = detailWidget(); detail && !isAncestorOf(detail))
        all += detail->findChildren<Chart *>();
    for (Chart *chart : std::as_const(all)) {
        disconnect(chart, &Chart::exportRequested, this, nullptr);
        connect(chart, &Chart::exportRequested, this, [this, chart]() { exportChart(chart); });
    }
    for (DataTable *table : findChildren<DataTable *>()) {
        disconnect(table, &DataTable::exportRequested, this, nullptr);
        connect(table, &DataTable::exportRequested, this, [this, table]() { exportTable(table); });
    }
    for (DataTree *tree : findChildren<DataTree *>()) {
        disconnect(tree, &DataTree::exportRequested, this, nullptr);
        connect(tree, &DataTree::exportRequested, this, [this, tree]() { exportTree(tree); });
    }
}

void Page::exportChart(Chart *chart)
{
    m_context.dialogs->saveFile(this, tr("Export “%1”").arg(chart->title()), m_id + QStringLiteral(".png"),
                                {tr("Picture (*.png)"), tr("Vector picture (*.svg)"), tr("Table (*.csv)")},
                                [this, chart](const QString &path) {
                                    if (const Status written = chart->exportTo(path); !written)
                                        m_message->showError(written.error());
                                });
}

void Page::exportTable(DataTable *table)
{
    exportCsv(table->accessibleName(), [table]() { return table->toCsv(); });
}

void Page::exportTree(DataTree *tree)
{
    exportCsv(tree->accessibleName(), [tree]() { return tree->toCsv(); });
}

void Page::exportCsv(const QString &title, std::function<QString()> csv)
{
    m_context.dialogs->saveFile(
        this, tr("Export “%1”").arg(title), m_id + QStringLiteral(".csv"), {tr("Table (*.csv)")},
        [this, csv = std::move(csv)](const QString &path) {
            QSaveFile file(path);
            const bool written = file.open(QIODevice::WriteOnly) && file.write(csv().toUtf8()) >= 0 && file.commit();
            if (!written)
                m_message->showError(Error::local(tr("Cannot write %1: %2").arg(path, file.errorString()),
                                                  tr("Choose a folder you may write to.")));
        });
}

} // namespace tidemark::ui

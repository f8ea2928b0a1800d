// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/freshnesspage.h"

#include "core/base/printable.h"
#include "ui/models/severity.h"
#include "ui/pages/freshnessdetail.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"

#include <QAction>

namespace tidemark::ui {

FreshnessPage::FreshnessPage(const PageContext &context, QWidget *parent)
    : Page(QStringLiteral("freshness"), tr("Freshness"), QStringLiteral("freshness"), context, parent)
    , m_model(new FreshnessModel(this))
    , m_table(new DataTable(tr("Views and tables to keep fresh"), this))
    , m_detail(new FreshnessDetail(context, this))
{
    m_table->setSource(m_model);
    m_table->setDelegateFor("status", new StatusDelegate(m_table));
    m_table->setDelegateFor("target_used", new BarDelegate(m_table));
    m_table->setDelegateFor("trend", new SparklineDelegate(m_table));
    m_table->sortByColumnId("status", Qt::AscendingOrder);
    // The name carries its database; the column is there to sort and export by.
    m_table->setColumnHidden(m_model->columnCount() - 1, true);
    connect(m_table, &DataTable::currentRowChanged, this, &FreshnessPage::updateDetail);
    connect(m_detail, &FreshnessDetail::refreshableRequested, this,
            [this](const QString &server, const QString &database, quint32 oid) { select(server, database, oid, {}); });
    connect(m_detail, &FreshnessDetail::refreshLogRequested, this, &Page::refreshLogRequested);
    connect(m_detail, &FreshnessDetail::refreshRequested, this, [this]() { requestRefresh(false); });
    addTableActions();
    setContent(m_table);
}

void FreshnessPage::addTableActions()
{
    const auto add = [this](const QString &text, const char *name) {
        auto *action = new QAction(text, this);
        action->setObjectName(QLatin1String(name));
        action->setShortcutContext(Qt::WidgetShortcut);
        m_table->addAction(action);
        return action;
    };
    QAction *target = add(tr("Set &target…"), "setTarget");
    target->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_T));
    connect(target, &QAction::triggered, this, [this]() {
        Q_EMIT detailRequested();
        m_detail->editTarget();
    });
    m_refresh = add(tr("&Refresh…"), "refresh");
    m_refresh->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_R));
    connect(m_refresh, &QAction::triggered, this, [this]() { requestRefresh(false); });
    m_refreshAll = add(tr("Refresh and what &depends on it…"), "refreshCascade");
    m_refreshAll->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R));
    connect(m_refreshAll, &QAction::triggered, this, [this]() { requestRefresh(true); });
    QAction *log = add(tr("Refresh &log of its database…"), "refreshLog");
    connect(log, &QAction::triggered, this, [this]() {
        const QModelIndex current = m_table->currentSource();
        if (current.isValid())
            Q_EMIT refreshLogRequested(current.data(ObjectRole).value<ObjectRef>());
    });
}

void FreshnessPage::requestRefresh(bool withDependents)
{
    const QModelIndex current = m_table->currentSource();
    if (current.isValid())
        Q_EMIT refreshRequested(current.data(ObjectRole).value<ObjectRef>(), withDependents);
}

void FreshnessPage::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

QWidget *FreshnessPage::detailWidget()
{
    return m_detail;
}

QWidget *FreshnessPage::mainWidget()
{
    return m_table;
}

QString FreshnessPage::saveLayout() const
{
    return m_table->saveLayout();
}

void FreshnessPage::restoreLayout(const QString &layout)
{
    m_table->restoreLayout(layout);
}

void FreshnessPage::updateContent(const Snapshots &inScope)
{
    m_model->setSnapshots(inScope, scope(), moments());
    m_table->selectFirst();
    updateDetail();
}

void FreshnessPage::updateAges(const Moments &moments)
{
    m_model->setMoments(moments);
    const QModelIndex current = m_table->currentSource();
    if (current.isValid())
        m_detail->setNow(m_model->nowOf(m_model->row(current.row())));
}

void FreshnessPage::updateDetail()
{
    const QModelIndex current = m_table->currentSource();
    m_refresh->setEnabled(current.isValid());
    m_refreshAll->setEnabled(current.isValid());
    if (!current.isValid()) {
        m_detail->showNothing();
        return;
    }
    const FreshnessRow &row = m_model->row(current.row());
    const QString name = printable(row.refreshable->name.display()).replace(QLatin1Char('&'), QStringLiteral("&&"));
    m_refresh->setText(tr("&Refresh %1…").arg(name));
    m_refreshAll->setText(tr("Refresh %1 and what &depends on it…").arg(name));
    if (const auto database = databaseOf(snapshots(), row.server, row.database))
        m_detail->show(row, database, m_model->nowOf(row));
}

bool FreshnessPage::select(const QString &server, const QString &database, quint32 oid, const pg::QualifiedName &name)
{
    for (int index = 0; index < m_model->rowCount(); ++index) {
        const FreshnessRow &row = m_model->row(index);
        if (row.server != server || row.database != database)
            continue;
        if (oid != 0 ? row.refreshable->oid != oid : row.refreshable->name != name)
            continue;
        const QModelIndex shown = m_table->proxy()->mapFromSource(m_model->index(index, 0));
        if (!shown.isValid())
            return false;
        m_table->setCurrentIndex(shown);
        m_table->scrollTo(shown);
        return true;
    }
    return false;
}

bool FreshnessPage::showObject(const ObjectRef &object)
{
    return object.kind == ObjectKind::Refreshable && select(object.server, object.database, object.oid, object.name);
}

bool FreshnessPage::hasData(const ServerSnapshot &, const DatabaseSnapshot &database) const
{
    return database.freshness != nullptr;
}

bool FreshnessPage::isEmpty() const
{
    return m_model->rowCount() == 0;
}

EmptyText FreshnessPage::emptyText() const
{
    return {
        QStringLiteral("freshness"),
        tr("Nothing to keep fresh"),
        tr("There is no materialized view, continuous aggregate, rollup table or managed table in scope. One that is "
           "created appears here by itself."),
        {}};
}

QStringList FreshnessPage::collectors() const
{
    return {QStringLiteral("freshness")};
}

Page::Badge FreshnessPage::badge(const Snapshots &snapshots, const Moments &moments) const
{
    Badge badge{0, Severity::Ok};
    for (const auto &[server, database, part] : partsOf(snapshots, scope(), &DatabaseSnapshot::freshness)) {
        const Instant now = moments.of(server);
        for (const Refreshable &refreshable : part->refreshables) {
            const Severity severity = severityOf(freshnessStatus(refreshable, now));
            if (severity != Severity::Critical && severity != Severity::Warning)
                continue;
            ++badge.count;
            badge.severity = worse(badge.severity, severity);
        }
    }
    return badge;
}

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/refreshreviewstep.h"

#include "core/base/units.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/sqlview.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

RefreshReviewStep::RefreshReviewStep(RefreshDraft &draft, QWidget *parent)
    : StepOf(tr("Review"), draft, parent)
    , m_model(new RefreshItemModel(RefreshItemModel::Of::Plan, this))
    , m_table(new DataTable(tr("Refreshes in their order"), this))
    , m_tabs(new QTabWidget(this))
    , m_sql(new SqlView(this))
    , m_notes(new QPlainTextEdit(this))
    , m_title(new QLabel(this))
    , m_figures(new QLabel(this))
{
    m_table->setSource(m_model);
    m_table->setDelegateFor("how", new StatusDelegate(m_table));
    m_table->sortByColumnId("number", Qt::AscendingOrder);
    m_sql->setAccessibleName(tr("SQL of the refresh"));
    m_sql->setFillsHeight();
    m_notes->setReadOnly(true);
    m_notes->setTabChangesFocus(true);
    m_notes->setFrameShape(QFrame::NoFrame);
    m_notes->setAccessibleName(tr("What to know before confirming"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_sql, tr("&Statement"));
    m_tabs->addTab(m_notes, tr("N&otes"));
    m_title->setFont(titleFont(font()));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_figures->setForegroundRole(QPalette::PlaceholderText);
    auto *copy = new QPushButton(icon(QStringLiteral("copy")), tr("&Copy plan"), this);
    copy->setToolTip(tr("All of it for people, with the exact SQL"));
    connect(copy, &QPushButton::clicked, this, [this]() {
        QGuiApplication::clipboard()->setText(this->draft().plan->preview());
        Q_EMIT told(Severity::Ok, tr("The plan is on the clipboard."));
    });

    auto *titles = new QVBoxLayout;
    titles->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    titles->setSpacing(0);
    titles->addWidget(m_title);
    titles->addWidget(m_figures);
    auto *right = new QWidget(this);
    right->setAutoFillBackground(true);
    right->setBackgroundRole(QPalette::Base);
    auto *buttons = new QHBoxLayout;
    buttons->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 3));
    buttons->addWidget(copy);
    buttons->addStretch(1);
    auto *rightLayout = new QVBoxLayout(right);
    rightLayout->setContentsMargins(0, 0, 0, 0);
    rightLayout->setSpacing(0);
    rightLayout->addWidget(m_tabs, 1);
    rightLayout->addLayout(buttons);
    auto *split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(m_table);
    split->addWidget(right);
    split->setStretchFactor(0, 5);
    split->setStretchFactor(1, 2);
    split->setHandleWidth(1);
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(titles);
    layout->addWidget(split, 1);
    connect(m_table, &DataTable::currentRowChanged, this, &RefreshReviewStep::showSelection);
}

void RefreshReviewStep::enter()
{
    const refresh::RefreshPlan &plan = *draft().plan;
    m_title->setText(plan.title());
    QStringList figures;
    if (plan.items.size() > 1)
        figures << tr("%1 refreshes, at most %2 at once").arg(plan.items.size()).arg(plan.spec.sessions);
    const auto expected = plan.expected();
    figures << (expected ? tr("about %1 by what they took before").arg(units::duration(*expected))
                         : tr("how long it takes is not known of all"));
    m_figures->setText(figures.join(QStringLiteral("; ")));
    m_model->setRows(refreshRowsOf(plan));
    m_table->selectFirst();
    QStringList notes;
    for (const QString &note : plan.notes)
        notes << QStringLiteral("• ") + note;
    m_notes->setPlainText(notes.join(QStringLiteral("\n\n")));
    m_tabs->setTabVisible(m_tabs->indexOf(m_notes), !notes.isEmpty());
    showSelection();
}

void RefreshReviewStep::showSelection()
{
    const QModelIndex index = m_table->currentSource();
    if (!index.isValid() || !isComplete())
        return;
    const auto place = static_cast<size_t>(m_model->row(index.row()).number) - 1;
    const refresh::RefreshItem &item = draft().plan->items.at(place);
    QString sql;
    if (!item.choice.obstacle.isEmpty())
        sql = tr("-- not refreshed: %1\n").arg(item.choice.obstacle);
    for (const StepLock &lock : refresh::locksOf(item))
        sql += tr("-- takes %1 on %2\n").arg(lockModeSql(lock.mode), lock.relation.display());
    m_sql->setSql(sql + item.statement + QLatin1Char(';'));
}

bool RefreshReviewStep::isComplete() const
{
    return draft().plan.has_value();
}

QWidget *RefreshReviewStep::mainWidget()
{
    return m_table;
}

void RefreshReviewStep::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

} // namespace tidemark::ui

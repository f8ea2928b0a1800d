// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/refreshrunstep.h"

#include "core/base/units.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/statusbadge.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace tidemark::ui {

using refresh::ItemState;

namespace {

constexpr int tickMs = 250;

/// "3 refreshed, 1 failed, 2 skipped"
QString counted(const refresh::RefreshLook &look)
{
    QStringList parts;
    const auto add = [&](ItemState state, const QString &text) {
        if (const int count = look.count(state); count > 0)
            parts << text.arg(count);
    };
    add(ItemState::Succeeded, RefreshRunStep::tr("%1 refreshed"));
    add(ItemState::Running, RefreshRunStep::tr("%1 running"));
    add(ItemState::Waiting, RefreshRunStep::tr("%1 waiting for locks"));
    add(ItemState::Failed, RefreshRunStep::tr("%1 failed"));
    add(ItemState::Skipped, RefreshRunStep::tr("%1 skipped"));
    add(ItemState::Stopped, RefreshRunStep::tr("%1 stopped"));
    add(ItemState::Open, RefreshRunStep::tr("%1 to do"));
    return parts.join(QStringLiteral(", "));
}

std::pair<Severity, QString> verdictOf(const refresh::RefreshLook &look, bool isRunning)
{
    if (isRunning)
        return {Severity::Notice, RefreshRunStep::tr("Running")};
    if (look.count(ItemState::Failed) > 0)
        return {Severity::Critical, RefreshRunStep::tr("Failed")};
    if (look.count(ItemState::Stopped) > 0)
        return {Severity::Warning, RefreshRunStep::tr("Stopped")};
    if (look.count(ItemState::Skipped) > 0)
        return {Severity::Warning, RefreshRunStep::tr("In part")};
    return {Severity::Ok, RefreshRunStep::tr("Refreshed")};
}

} // namespace

RefreshRunStep::RefreshRunStep(Of of, RefreshDraft &draft, RefreshDriver &driver, QWidget *parent)
    : StepOf(of == Of::Run ? tr("Run") : tr("Result"), draft, parent)
    , m_of(of)
    , m_driver(driver)
    , m_model(new RefreshItemModel(RefreshItemModel::Of::Run, this))
    , m_table(new DataTable(of == Of::Run ? tr("Refreshes under way") : tr("What the refreshes came to"), this))
    , m_badge(new StatusBadge(this))
    , m_title(new QLabel(this))
    , m_sentence(new QLabel(this))
    , m_button(of == Of::Run ? new QPushButton(icon(QStringLiteral("stop")), tr("&Cancel the refresh"), this)
                             : new QPushButton(icon(QStringLiteral("copy")), tr("&Copy result"), this))
{
    m_table->setSource(m_model);
    m_table->setDelegateFor("state", new StatusDelegate(m_table));
    m_table->sortByColumnId("number", Qt::AscendingOrder);
    m_title->setFont(titleFont(font()));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_sentence->setForegroundRole(QPalette::PlaceholderText);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setFont(tabularFont(font()));
    m_button->setObjectName(of == Of::Run ? QStringLiteral("cancel") : QStringLiteral("copy"));
    if (of == Of::Run)
        m_button->setToolTip(
            tr("What runs is taken back by the server; what is done stays. Closing the window does the same."));
    auto *titles = new QVBoxLayout;
    titles->setSpacing(0);
    titles->addWidget(m_title);
    titles->addWidget(m_sentence);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    head->setSpacing(spacing(this, 3));
    head->addWidget(m_badge);
    head->addLayout(titles, 1);
    head->addWidget(m_button);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_table, 1);
    m_tick.setInterval(tickMs);
    connect(&m_tick, &QTimer::timeout, this, &RefreshRunStep::show);
    connect(&m_driver, &RefreshDriver::ended, this, [this]() {
        show();
        Q_EMIT completeChanged();
    });
    connect(m_button, &QPushButton::clicked, this, [this]() {
        if (m_of == Of::Run)
            m_driver.stop();
        else
            copy();
    });
}

void RefreshRunStep::enter()
{
    show();
    m_table->selectFirst();
    if (m_of == Of::Run)
        m_tick.start();
}

void RefreshRunStep::show()
{
    const auto look = m_driver.look();
    if (!look || !draft().plan)
        return;
    const bool isRunning = m_driver.isRunning();
    if (!isRunning)
        m_tick.stop();
    const auto [severity, verdict] = verdictOf(*look, isRunning);
    m_badge->setStatus(severity, verdict);
    m_title->setText(draft().plan->title());
    QString text = counted(*look);
    if (isRunning && look->left && *look->left > Millis(0))
        text += tr("; about %1 left").arg(units::duration(*look->left));
    m_sentence->setText(text);
    if (m_of == Of::Run)
        m_button->setEnabled(isRunning);
    m_model->setRows(refreshRowsOf(*draft().plan, *look));
}

void RefreshRunStep::copy()
{
    QGuiApplication::clipboard()->setText(m_title->text() + QLatin1Char('\n') + m_sentence->text()
                                          + QStringLiteral("\n\n") + m_table->toMarkdown());
    Q_EMIT told(Severity::Ok, tr("The result is on the clipboard."));
}

QWidget *RefreshRunStep::mainWidget()
{
    return m_table;
}

void RefreshRunStep::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

QString RefreshRunStep::sentence() const
{
    return m_sentence->text();
}

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/headerbar.h"

#include "core/base/units.h"
#include "ui/models/texts.h"
#include "ui/services/theme.h"
#include "ui/widgets/filterbar.h"

#include <QAbstractItemView>
#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include <set>

namespace tidemark::ui {

namespace {

void fill(QComboBox *box, const QString &all, const QStringList &names)
{
    QStringList shown;
    for (int i = 1; i < box->count(); ++i)
        shown << box->itemText(i);
    if (box->count() > 0 && shown == names)
        return;
    const QString current = box->currentData().toString();
    const QSignalBlocker quiet(box);
    box->clear();
    box->addItem(all, QString());
    for (const QString &name : names)
        box->addItem(name, name);
    box->setCurrentIndex(std::max(0, box->findData(current)));
}

QToolButton *buttonFor(QAction *action, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setAccessibleName(action->text().remove(QLatin1Char('&')));
    button->setToolTip(
        QStringLiteral("%1 (%2)").arg(button->accessibleName(), action->shortcut().toString(QKeySequence::NativeText)));
    return button;
}

} // namespace

HeaderBar::HeaderBar(QAction *refresh, QAction *pause, QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_filter(new FilterBar(this))
    , m_server(new QComboBox(this))
    , m_database(new QComboBox(this))
    , m_interval(new QComboBox(this))
{
    m_title->setFont(titleFont(font()));
    m_title->setAccessibleName(tr("Page"));
    m_filter->setMinimumWidth(fontMetrics().averageCharWidth() * 18);
    m_filter->setMaximumWidth(fontMetrics().averageCharWidth() * 36);
    m_server->setAccessibleName(tr("Server"));
    m_server->setToolTip(tr("Show one server or all"));
    m_database->setAccessibleName(tr("Database"));
    m_database->setToolTip(tr("Show one database or all"));
    for (QComboBox *box : {m_server, m_database}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setMaximumWidth(fontMetrics().averageCharWidth() * 26);
    }
    m_interval->setAccessibleName(tr("Interval between readings"));
    m_interval->setToolTip(tr("How often the servers are read. The overhead budget of a server may widen it."));
    for (const int seconds : {1, 2, 5, 10, 30, 60})
        m_interval->addItem(tr("every %1").arg(texts::span(std::chrono::seconds(seconds))), seconds * 1000);
    m_interval->setPlaceholderText(tr("by profile", "interval of servers that differ"));
    m_interval->setCurrentIndex(-1);
    fill(m_server, tr("All servers"), {});
    fill(m_database, tr("All databases"), {});

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(spacing(this, 4), spacing(this, 3), spacing(this, 3), spacing(this, 3));
    layout->setSpacing(spacing(this, 2));
    layout->addWidget(m_title);
    layout->addStretch(1);
    layout->addWidget(m_filter, 2);
    layout->addWidget(m_server);
    layout->addWidget(m_database);
    layout->addWidget(m_interval);
    layout->addWidget(buttonFor(pause, this));
    layout->addWidget(buttonFor(refresh, this));

    connect(m_server, &QComboBox::activated, this, [this]() {
        fillDatabases();
        choose();
    });
    connect(m_database, &QComboBox::activated, this, &HeaderBar::choose);
    connect(m_interval, &QComboBox::activated, this, [this]() {
        m_chosenInterval = Millis(m_interval->currentData().toInt());
        Q_EMIT intervalChosen(*m_chosenInterval);
    });
}

void HeaderBar::showInterval(std::optional<Millis> interval)
{
    if (m_interval->view()->isVisible())
        return; // it is being chosen
    if (m_chosenInterval && interval != m_chosenInterval)
        return;
    m_chosenInterval.reset();
    if (!interval || interval->count() <= 0) {
        m_interval->setCurrentIndex(-1);
        return;
    }
    const int ms = static_cast<int>(interval->count());
    if (m_interval->findData(ms) < 0) {
        int place = 0;
        while (place < m_interval->count() && m_interval->itemData(place).toInt() < ms)
            ++place;
        m_interval->insertItem(place,
                               tr("every %1").arg(ms < 1000 ? units::duration(*interval) : texts::span(*interval)), ms);
    }
    m_interval->setCurrentIndex(m_interval->findData(ms));
}

void HeaderBar::setTitle(const QString &title)
{
    m_title->setText(title);
}

void HeaderBar::setServers(const Snapshots &snapshots)
{
    m_snapshots = snapshots;
    const Scope before = scope();
    fill(m_server, tr("All servers"), snapshots.keys());
    fillDatabases();
    m_server->setVisible(snapshots.size() > 1);
    if (scope() != before)
        choose();
}

void HeaderBar::setScope(const Scope &scope)
{
    m_server->setCurrentIndex(std::max(0, m_server->findData(scope.server)));
    fillDatabases();
    m_database->setCurrentIndex(std::max(0, m_database->findData(scope.database)));
}

Scope HeaderBar::scope() const
{
    return {m_server->currentData().toString(), m_database->currentData().toString()};
}

void HeaderBar::fillDatabases()
{
    const QString server = m_server->currentData().toString();
    std::set<QString> names;
    for (const ServerSnapshotPtr &snapshot : std::as_const(m_snapshots)) {
        if (!server.isEmpty() && snapshot->name != server)
            continue;
        for (const auto &[name, database] : snapshot->databases)
            names.insert(name);
    }
    fill(m_database, tr("All databases"), QStringList(names.begin(), names.end()));
}

void HeaderBar::choose()
{
    Q_EMIT scopeChosen(scope());
}

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/sidebar.h"

#include "core/store/profile.h"
#include "ui/models/severity.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"

#include <QAction>
#include <QEvent>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

namespace {

enum ItemRole : int {
    IdRole = Qt::UserRole + 201,
    IconNameRole,
    CountRole,
    ItemSeverityRole,
    EnvironmentRole,
};

/// One row: icon, text, and at the right a badge (pages) or the environment's mark (servers).
class SidebarDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const override
    {
        return {option.fontMetrics.averageCharWidth() * 18, option.fontMetrics.height() * 8 / 4};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Theme &theme = Theme::of(option.palette);
        const int unit = std::max(1, option.fontMetrics.height() / 4);
        const bool current = option.state & QStyle::State_Selected;
        const auto severity = static_cast<Severity>(index.data(ItemSeverityRole).toInt());
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF place = QRectF(option.rect).adjusted(2 * unit, unit / 2.0, -2 * unit, -unit / 2.0);
        painter->setPen(option.state & QStyle::State_HasFocus ? QPen(theme.accent, 1.5) : QPen(Qt::NoPen));
        painter->setBrush(current                                  ? QBrush(option.palette.color(QPalette::Highlight))
                          : option.state & QStyle::State_MouseOver ? QBrush(theme.hover)
                                                                   : QBrush(Qt::NoBrush));
        painter->drawRoundedRect(place, 1.5 * unit, 1.5 * unit);

        const QColor ink = option.palette.color(current ? QPalette::HighlightedText : QPalette::WindowText);
        const QVariant environment = index.data(EnvironmentRole);
        const QColor iconInk = environment.isValid() ? theme.of(severity) : ink;
        const int size = option.fontMetrics.height() + unit;
        QRect content = place.toRect().adjusted(2 * unit, 0, -2 * unit, 0);
        painter->drawPixmap(
            QRect(content.left(), content.center().y() - size / 2, size, size),
            iconPixmap(index.data(IconNameRole).toString(), iconInk, size, painter->device()->devicePixelRatioF()));
        content.setLeft(content.left() + size + 2 * unit);

        const QString badge = index.data(CountRole).toString();
        if (!badge.isEmpty()) {
            const int width = std::max(option.fontMetrics.horizontalAdvance(badge) + 3 * unit,
                                       option.fontMetrics.height() + unit);
            const QRectF pill(content.right() + 1 - width,
                              content.center().y() - option.fontMetrics.height() / 2.0 - 0.5, width,
                              option.fontMetrics.height() + 1);
            painter->setPen(QPen(theme.of(severity), 1));
            painter->setBrush(theme.washOf(severity));
            painter->drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
            painter->setPen(theme.of(severity));
            painter->drawText(pill, Qt::AlignCenter, badge);
            content.setRight(static_cast<int>(pill.left()) - unit);
        } else if (environment.isValid() && !environment.toString().isEmpty()) {
            const auto known = environmentOf(environment.toString());
            const QRectF mark(content.right() - unit, content.center().y() - 1.5 * unit, unit, 3 * unit);
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme.of(known.value_or(Environment::Development)));
            painter->drawRoundedRect(mark, unit / 2.0, unit / 2.0);
            content.setRight(static_cast<int>(mark.left()) - unit);
        }
        painter->setPen(ink);
        painter->setFont(current && !environment.isValid() ? boldFont(option.font) : option.font);
        painter->drawText(content, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, content.width()));
        painter->restore();
    }
};

QListWidget *makeList(const QString &accessibleName, QWidget *parent)
{
    auto *list = new QListWidget(parent);
    list->setAccessibleName(accessibleName);
    list->setItemDelegate(new SidebarDelegate(list));
    list->setFrameShape(QFrame::NoFrame);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list->setMouseTracking(true);
    list->viewport()->setAutoFillBackground(false);
    return list;
}

Severity severityOf(const ServerSnapshot &server)
{
    switch (server.state) {
    case WatchState::Live:
        return server.error ? Severity::Warning : Severity::Ok;
    case WatchState::Failed:
        return Severity::Critical;
    case WatchState::Connecting:
        break;
    }
    return Severity::Unknown;
}

QString stateText(const ServerSnapshot &server)
{
    switch (server.state) {
    case WatchState::Live:
        return Sidebar::tr("live");
    case WatchState::Failed:
        return Sidebar::tr("not reachable");
    case WatchState::Connecting:
        break;
    }
    return Sidebar::tr("connecting");
}

} // namespace

Sidebar::Sidebar(QAction *connectAction, QWidget *parent)
    : QWidget(parent)
    , m_pages(makeList(tr("Pages"), this))
    , m_heading(new QLabel(tr("Servers"), this))
    , m_servers(makeList(tr("Servers"), this))
    , m_connect(new QPushButton(connectAction->icon(), connectAction->text().remove(QLatin1Char('&')), this))
{
    m_heading->setForegroundRole(QPalette::PlaceholderText);
    m_heading->setContentsMargins(spacing(this, 4), 0, 0, 0);
    m_connect->setAccessibleName(tr("Connect to a server"));
    m_connect->setToolTip(tr("Watch another server (Ctrl+N)"));
    m_pages->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_servers->setContextMenuPolicy(Qt::CustomContextMenu);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, spacing(this, 3), 0, spacing(this, 3));
    layout->setSpacing(spacing(this, 2));
    layout->addWidget(m_pages);
    layout->addSpacing(spacing(this, 3));
    layout->addWidget(m_heading);
    layout->addWidget(m_servers, 1);
    auto *foot = new QHBoxLayout;
    foot->setContentsMargins(spacing(this, 3), 0, spacing(this, 3), 0);
    foot->addWidget(m_connect);
    layout->addLayout(foot);
    setFixedWidth(fontMetrics().averageCharWidth() * 30);

    connect(m_connect, &QPushButton::clicked, connectAction, &QAction::trigger);
    connect(m_pages, &QListWidget::currentItemChanged, this, [this](QListWidgetItem *item) {
        if (item)
            Q_EMIT pageChosen(item->data(IdRole).toString());
    });
    connect(m_servers, &QListWidget::currentItemChanged, this, [this](QListWidgetItem *item) {
        if (item)
            Q_EMIT serverChosen(item->data(IdRole).toString());
    });
    connect(m_servers, &QWidget::customContextMenuRequested, this, &Sidebar::showServerMenu);
    applyPalette();
    setServers({});
}

void Sidebar::addPage(const QString &id, const QString &title, const QString &iconName)
{
    auto *item = new QListWidgetItem(title, m_pages);
    item->setData(IdRole, id);
    item->setData(IconNameRole, iconName);
    item->setData(Qt::AccessibleTextRole, title);
    fitLists();
}

void Sidebar::setBadge(const QString &id, int count, Severity severity)
{
    for (int row = 0; row < m_pages->count(); ++row) {
        QListWidgetItem *item = m_pages->item(row);
        if (item->data(IdRole).toString() != id)
            continue;
        item->setData(CountRole, count > 0 ? QString::number(count) : QString());
        item->setData(ItemSeverityRole, static_cast<int>(severity));
        item->setData(Qt::AccessibleTextRole,
                      count > 0 ? tr("%1, %n need attention", nullptr, count).arg(item->text()) : item->text());
    }
}

void Sidebar::setCurrentPage(const QString &id)
{
    for (int row = 0; row < m_pages->count(); ++row) {
        if (m_pages->item(row)->data(IdRole).toString() == id)
            m_pages->setCurrentRow(row);
    }
}

void Sidebar::setServers(const Snapshots &snapshots)
{
    QStringList names{QString()};
    names += snapshots.keys();
    QStringList shown;
    for (int row = 0; row < m_servers->count(); ++row)
        shown << m_servers->item(row)->data(IdRole).toString();
    if (shown != names) {
        const QString current = m_servers->currentItem() ? m_servers->currentItem()->data(IdRole).toString()
                                                         : QString();
        const QSignalBlocker quiet(m_servers);
        m_servers->clear();
        for (const QString &name : names) {
            auto *item = new QListWidgetItem(name.isEmpty() ? tr("All servers") : name, m_servers);
            item->setData(IdRole, name);
        }
        setCurrentServer(names.contains(current) ? current : QString());
    }
    Severity overall = snapshots.isEmpty() ? Severity::Unknown : Severity::Ok;
    for (int row = 1; row < m_servers->count(); ++row) {
        QListWidgetItem *item = m_servers->item(row);
        const ServerSnapshot &server = *snapshots.value(item->data(IdRole).toString());
        const Severity severity = severityOf(server);
        overall = worse(overall, severity);
        item->setData(IconNameRole, iconOf(severity));
        item->setData(ItemSeverityRole, static_cast<int>(severity));
        item->setData(EnvironmentRole, server.environment);
        item->setToolTip(server.error ? server.error->summary() : stateText(server));
        item->setData(Qt::AccessibleTextRole, tr("%1, %2, %3").arg(server.name, server.environment, stateText(server)));
    }
    QListWidgetItem *all = m_servers->item(0);
    all->setData(IconNameRole, QStringLiteral("server"));
    all->setData(ItemSeverityRole, static_cast<int>(overall));
    all->setData(EnvironmentRole, QString());
    const bool several = snapshots.size() > 1;
    all->setHidden(!several);
    m_heading->setVisible(!snapshots.isEmpty());
    m_servers->setVisible(!snapshots.isEmpty());
}

void Sidebar::setCurrentServer(const QString &server)
{
    for (int row = 0; row < m_servers->count(); ++row) {
        if (m_servers->item(row)->data(IdRole).toString() == server)
            m_servers->setCurrentRow(row);
    }
}

QWidget *Sidebar::pageList() const
{
    return m_pages;
}

void Sidebar::fitLists()
{
    const int rows = m_pages->count();
    m_pages->setFixedHeight(rows > 0 ? rows * m_pages->sizeHintForRow(0) + spacing(this, 1) : 0);
}

void Sidebar::showServerMenu(const QPoint &position)
{
    const QListWidgetItem *item = m_servers->itemAt(position);
    const QString server = item ? item->data(IdRole).toString() : QString();
    if (server.isEmpty())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("&Retry now"), this, [this, server]() { Q_EMIT retryRequested(server); });
    menu->addAction(tr("&Stop watching %1").arg(server), this,
                    [this, server]() { Q_EMIT disconnectRequested(server); });
    menu->popup(m_servers->mapToGlobal(position));
}

void Sidebar::applyPalette()
{
    const Theme &theme = Theme::of(palette());
    for (QListWidget *list : {m_pages, m_servers}) {
        QPalette own = palette();
        own.setColor(QPalette::Base, theme.sidebar);
        list->setPalette(own);
    }
}

void Sidebar::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        applyPalette();
    if (event->type() == QEvent::FontChange)
        fitLists();
}

void Sidebar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme &theme = Theme::of(palette());
    painter.fillRect(rect(), theme.sidebar);
    painter.setPen(theme.border);
    painter.drawLine(rect().topRight(), rect().bottomRight());
}

} // namespace tidemark::ui

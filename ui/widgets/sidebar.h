// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/snapshot.h"
#include "ui/models/roles.h"
#include "ui/models/snapshots.h"

#include <QWidget>

class QAction;
class QLabel;
class QListWidget;
class QPushButton;

namespace tidemark::ui {

/// The left edge of the window: pages with what needs attention in them, servers with how they are, and Connect.
class Sidebar : public QWidget
{
    Q_OBJECT

public:
    explicit Sidebar(QAction *connectAction, QWidget *parent = nullptr);

    void addPage(const QString &id, const QString &title, const QString &iconName);
    void setBadge(const QString &id, int count, Severity severity);
    void setCurrentPage(const QString &id);
    void setServers(const Snapshots &snapshots);
    /// Empty is all.
    void setCurrentServer(const QString &server);
    [[nodiscard]] QWidget *pageList() const;

Q_SIGNALS:
    void pageChosen(const QString &id);
    void serverChosen(const QString &server);
    void disconnectRequested(const QString &server);
    void retryRequested(const QString &server);

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void fitLists();
    void applyPalette();
    void showServerMenu(const QPoint &position);

    QListWidget *m_pages;
    QLabel *m_heading;
    QListWidget *m_servers;
    QPushButton *m_connect;
};

} // namespace tidemark::ui

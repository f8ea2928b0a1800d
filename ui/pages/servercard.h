// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/roles.h"
#include "ui/models/serveroverview.h"
#include "ui/widgets/cardframe.h"

#include <optional>

class QLabel;
class QVBoxLayout;

namespace tidemark::ui {

class StatusBadge;

/// One line of a card: what it is of, the state in icon, word and colour, the worst by name, and the last hour.
class MetricRow : public QWidget
{
    Q_OBJECT

public:
    MetricRow(const QString &title, const QString &iconName, QWidget *parent = nullptr);

    struct Content
    {
        Severity severity = Severity::Unknown;
        QString value;
        QString sentence;
        QList<double> series{};
    };
    void setContent(const Content &content);
    /// What it says is what was read last, of a server that answers no more: nothing is well or ill by it.
    void setPast(bool isPast);
    /// Only tells, and leads nowhere.
    void setInert();
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void activated();

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QString m_title;
    QString m_iconName;
    Content m_content;
    bool m_isPast = false;

    void describe();
};

/// A server on the overview.
class ServerCard : public CardFrame
{
    Q_OBJECT

public:
    explicit ServerCard(const QString &server, QWidget *parent = nullptr);

    struct Series
    {
        QList<double> needRefresh;
        QList<double> waiters;
        QList<double> cost;
    };
    void update(const ServerSnapshot &snapshot, const ServerOverview &overview, const Series &series,
                const QString &lastAlert);
    void updateAge(Instant now);

Q_SIGNALS:
    /// The page with the thing selected; without a thing the page alone.
    void opened(const QString &pageId, const std::optional<tidemark::ui::ObjectRef> &object);
    /// The databases to watch are to be chosen.
    void databasesRequested();

private:
    MetricRow *addRow(const QString &title, const QString &iconName, const QString &pageId,
                      std::optional<ObjectRef> ServerCard::*object = nullptr);
    void showErrors(const ServerSnapshot &snapshot);
    void showUnwatched(const QStringList &databases, const QString &because);
    void showFreshness(const ServerOverview &overview, const QList<double> &series, Instant now);
    void showPartitions(const ServerOverview &overview, Instant now);
    void showLocks(const ServerOverview &overview, const QList<double> &series);
    void showAlerts(const ServerSnapshot &snapshot, const ServerOverview &overview, const QString &lastAlert);
    void showCost(const ServerSnapshot &snapshot, const QList<double> &series);

    QString m_server;
    QLabel *m_name;
    QLabel *m_environment;
    QLabel *m_about;
    StatusBadge *m_state;
    QLabel *m_error;
    QLabel *m_unwatched;
    QVBoxLayout *m_rows;
    MetricRow *m_freshness;
    MetricRow *m_partitions;
    MetricRow *m_locks;
    MetricRow *m_alerts;
    MetricRow *m_cost;
    std::optional<ObjectRef> m_worst;
    std::optional<ObjectRef> m_nearest;
    std::optional<ObjectRef> m_root;
    std::optional<ObjectRef> m_allAlerts;
    Instant m_takenAt;
    WatchState m_watchState = WatchState::Connecting;
};

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "ui/models/snapshots.h"

#include <QWidget>

#include <optional>

class QAction;
class QComboBox;
class QLabel;
class QToolButton;

namespace tidemark::ui {

class FilterBar;

/// The line above a page: its title, the filter, which server and database, how often, and pause.
class HeaderBar : public QWidget
{
    Q_OBJECT

public:
    HeaderBar(QAction *refresh, QAction *pause, QWidget *parent = nullptr);

    void setTitle(const QString &title);
    /// The choices follow what is watched; a choice that is gone falls back to all.
    void setServers(const Snapshots &snapshots);
    void setScope(const Scope &scope);
    /// What the servers shown are read by, as they tell; nothing where they differ.
    void showInterval(std::optional<Millis> interval);
    [[nodiscard]] Scope scope() const;
    [[nodiscard]] FilterBar *filter() const { return m_filter; }

Q_SIGNALS:
    void scopeChosen(const tidemark::ui::Scope &scope);
    void intervalChosen(tidemark::Millis interval);

private:
    void fillDatabases();
    void choose();

    QLabel *m_title;
    FilterBar *m_filter;
    QComboBox *m_server;
    QComboBox *m_database;
    QComboBox *m_interval;
    std::optional<Millis> m_chosenInterval; ///< until the servers tell of it
    Snapshots m_snapshots;
};

} // namespace tidemark::ui

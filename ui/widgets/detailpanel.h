// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/roles.h"

#include <QMap>
#include <QScrollArea>

#include <optional>

class QAction;
class QGridLayout;
class QHBoxLayout;
class QLabel;
class QStackedWidget;
class QVBoxLayout;

namespace tidemark::ui {

class BreakableLabel;
class StatusBadge;
class SqlView;

/// One fact of the selected thing. An empty label lets the value take the whole width.
struct Fact
{
    QString label;
    QString value;
    QString toolTip{};
    std::optional<Severity> severity{};
    friend bool operator==(const Fact &, const Fact &) = default;
};

/// What the selection is, in full: a title, its status, actions, then sections of facts, charts and SQL in the order in
/// which they were first set. Setting a section again changes it in place, so that scroll and text selection survive.
class DetailPanel : public QScrollArea
{
    Q_OBJECT

public:
    explicit DetailPanel(QWidget *parent = nullptr);

    /// Nothing is selected: says what to do. Everything else brings the content back.
    void showPlaceholder(const QString &sentence);
    void setTitle(const QString &title, const QString &subtitle = {});
    void setStatus(Severity severity, const QString &text);
    void setFacts(const QString &section, const QList<Fact> &facts);
    void setSql(const QString &section, const QString &sql);
    /// A chart or another widget; the panel takes it over.
    void setWidget(const QString &section, QWidget *widget);
    void setSectionVisible(const QString &section, bool visible);
    /// A button that follows the action's text, state and tool tip.
    void addAction(QAction *action);

private:
    struct Section
    {
        QWidget *box = nullptr;
        QLabel *heading = nullptr;
        QVBoxLayout *layout = nullptr;
        QGridLayout *grid = nullptr;
        QList<Fact> facts;
        QList<BreakableLabel *> labels; ///< of a fact and its value, in turn
        SqlView *sql = nullptr;
    };
    Section &section(const QString &title);
    void showContent();

    QStackedWidget *m_stack;
    QLabel *m_placeholder;
    BreakableLabel *m_title;
    BreakableLabel *m_subtitle;
    StatusBadge *m_status;
    QHBoxLayout *m_actions;
    QVBoxLayout *m_sectionsLayout;
    QMap<QString, Section> m_sections;
};

} // namespace tidemark::ui

import './audience.css';
